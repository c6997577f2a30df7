import { setTimeout as delay } from 'node:timers/promises'

/** The slow database of the tutorial: a table of scores that takes its time, and counts and logs each lookup. */
export class SlowDatabase {
  readonly #scores = new Map([
    ['Tom', '630'],
    ['Jack', '589'],
    ['Sam', '567'],
  ])
  readonly #lookupMs: number
  readonly #log: (line: string) => void
  #lookups = 0

  constructor(options: { lookupMs: number; players: number; log: (line: string) => void }) {
    this.#lookupMs = options.lookupMs
    this.#log = options.log
    for (let i = 1; i <= options.players; i++) this.#scores.set(`player-${i}`, playerScore(i))
  }

  /** How often it was asked. */
  get lookups(): number {
    return this.#lookups
  }

  /** The score of `name`; undefined if there is no such row. */
  async find(name: string): Promise<string | undefined> {
    this.#lookups++
    this.#log(`[slow database] lookup ${this.#lookups}: ${name}`)
    await delay(this.#lookupMs)
    return this.#scores.get(name)
  }
}

/** The score of row `player-{i}`. */
export function playerScore(i: number): string {
  return String(400 + ((i * 37) % 300))
}
