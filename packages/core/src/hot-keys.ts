import { FrequencySketch } from './frequency-sketch.ts'

// A copy is worth its room if it is likely to be asked for at least once more while it lives.
const worthwhile = 2

/**
 * Tells which of the keys that other peers own are worth a copy here: those that this process asks for again and again
 * within the life of a copy, and those that the whole cluster asks their owner for so often that this process will.
 */
export class HotKeys {
  readonly #ttlMs: number
  readonly #fetches: FrequencySketch
  readonly #requests: FrequencySketch

  /** `ttlMs` is how long a hot copy lives, and the period that counts. */
  constructor(ttlMs: number, now: () => number) {
    this.#ttlMs = ttlMs
    this.#fetches = new FrequencySketch(ttlMs, now)
    this.#requests = new FrequencySketch(ttlMs, now)
  }

  /** Notes a fetch; whether the key is hot. `qps` is the owner's word, `others` are the other processes. */
  fetched(key: string, qps: number, others: () => Iterable<unknown>): boolean {
    if (this.#fetches.add(key) >= worthwhile) return true
    // A peer's word, which may be anything.
    if (!Number.isFinite(qps) || qps <= 0) return false
    const everywhere = (qps * this.#ttlMs) / 1000
    // So many processes may share it. Counted no further than that, for there may be a thousand.
    let left = everywhere / worthwhile - 1
    if (left < 0) return false
    for (const _ of others()) if (--left < 0) return false
    return true
  }

  /** Notes that a copy has answered `hits` gets in its life, which nobody had to fetch. */
  answered(key: string, hits: number): void {
    this.#fetches.add(key, hits)
  }

  /** Notes a request from a peer; how many a second there are of late. */
  served(key: string): number {
    // Counts are halved each period, so they hold between one and two periods' worth.
    return (this.#requests.add(key) * 1000) / (1.5 * this.#ttlMs)
  }
}
