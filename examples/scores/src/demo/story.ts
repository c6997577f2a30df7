import { setTimeout as delay } from 'node:timers/promises'
import { HashRing } from '@geecache/consistenthash'
import { playerScore } from '../database.ts'
import { urlOf } from '../peer.ts'
import type { Cluster, Lookup } from './cluster.ts'
import { act, count, paint, table, tell } from './terminal.ts'
import type { Clients, Outcome, Question } from './traffic.ts'

/** A number the story came to, and whether it is as it must be. */
interface Finding {
  readonly what: string
  readonly value: number
  readonly holds: boolean
}

/** Rows of the database by the part of the story in which they are first asked for. */
export const players = { early: 500, middle: 1000, late: 100 }

const scores: Readonly<Record<string, string>> = { Tom: '630', Jack: '589', Sam: '567' }

/** What happens to a cluster in the demo, told on the terminal while it happens. */
export class Story {
  readonly #cluster: Cluster
  readonly #clients: Clients
  readonly #ring: HashRing
  readonly #known = [...Object.keys(scores), ...playersFrom(0, players.early)]
  readonly #findings: Finding[] = []
  #answered = 0
  #failed = 0

  constructor(cluster: Cluster, clients: Clients) {
    this.#cluster = cluster
    this.#clients = clients
    this.#ring = new HashRing().add(...cluster.ports.map(urlOf))
  }

  /** Tells it from beginning to end; whether every number was right. */
  async tell(): Promise<boolean> {
    const [first, ...rest] = this.#cluster.ports as [number, ...number[]]
    await this.#coldKey()
    await this.#ownership()
    await this.#memory()
    const victim = this.#busiest(rest)
    const survivors = [first, ...rest.filter((port) => port !== victim)]
    await this.#death(victim, survivors)
    await this.#comeback(victim, survivors)
    this.#summary()
    return this.#findings.every(({ holds }) => holds)
  }

  async #coldKey(): Promise<void> {
    act('3,000 requests at once for Tom, a key that nobody has yet, 1,000 to each process')
    const thousandTimes = (port: number) => Array<Question>(1000).fill(question(port, 'Tom'))
    const { answered, ms } = await this.#ask(this.#cluster.ports.flatMap(thousandTimes))
    const loads = this.#cluster.lookups.length
    tell(`${count(answered)} answers in ${count(ms)} ms, ${paint('green', `origin loads: ${loads}`)}`)
    this.#find('origin loads for 3,000 requests of a cold key', loads, loads === 1)
  }

  async #ownership(): Promise<void> {
    act(`Every process is asked for every one of ${this.#known.length} keys: who owns which?`)
    await this.#ask(this.#everywhere(this.#known))
    const { lookups, ports } = this.#cluster
    const keysLoadedBy = (port: number) =>
      lookups.filter((lookup) => lookup.port === port).map(({ key }) => key)
    const row = (keys: string[]) => [count(keys.length), keys.filter((key) => key in scores).join(', ')]
    table([
      ['process', 'loaded', 'among them'],
      ...ports.map((port) => [`:${port}`, ...row(keysLoadedBy(port))]),
    ])
    const doubles = lookups.length - new Set(lookups.map(({ key }) => key)).size
    const strays = lookups.filter(({ port, key }) => !this.#owns(port, key)).length
    tell(`${count(3 * this.#known.length)} requests, ${count(lookups.length)} loads`)
    this.#find('keys that were loaded more than once', doubles, doubles === 0)
    this.#find('keys that another than their owner loaded', strays, strays === 0)
  }

  async #memory(): Promise<void> {
    act('The same again, twice')
    const before = this.#cluster.lookups.length
    let [answered, ms] = [0, 0]
    for (let round = 0; round < 2; round++) {
      const outcome = await this.#ask(this.#everywhere(this.#known))
      answered += outcome.answered
      ms += outcome.ms
    }
    const loads = this.#lookupsSince(before).length
    tell(
      `${count(answered)} answers from memory, ${count((1000 * answered) / ms)} a second, origin loads: ${loads}`,
    )
    this.#find('origin loads for keys that are known', loads, loads === 0)
  }

  async #death(victim: number, survivors: readonly number[]): Promise<void> {
    act(
      `Traffic goes on, with 1,000 new keys, and the peer on :${victim} is killed (SIGKILL) in the middle of it`,
    )
    const keys = [...this.#known, ...playersFrom(players.early, players.middle)]
    let before = 0
    const outcome = await this.#clients.during(
      100,
      () => question(pick(survivors), pick(keys)),
      async () => {
        await delay(500)
        await this.#cluster.kill(victim)
        before = this.#cluster.lookups.length
        tell(paint('red', `:${victim} is dead`))
        await delay(1000)
      },
    )
    this.#note(outcome)
    const adopted = this.#lookupsSince(before).filter(({ key }) => this.#owns(victim, key)).length
    tell(
      `${count(outcome.answered)} answers from the other two, ${paint('green', `failed answers: ${outcome.failed}`)}`,
    )
    tell(`${count(adopted)} loads of its keys by the others, in its place`)
    this.#find('failed answers while a peer was killed', outcome.failed, outcome.failed === 0)
    this.#find('loads in place of the dead peer', adopted, adopted > 0)
  }

  async #comeback(victim: number, survivors: readonly number[]): Promise<void> {
    act(`The peer on :${victim} comes back`)
    const before = this.#cluster.lookups.length
    await this.#cluster.start(victim)
    tell(paint('green', `:${victim} serves again, as process ${this.#cluster.pid(victim)}`))
    const fresh = playersFrom(players.early + players.middle, players.late)
    const loadedByIt = () => this.#lookupsSince(before).filter(({ port }) => port === victim).length
    // The others leave it alone until they have found out that it is back, which they try every other second.
    for (let i = 0; i < fresh.length; i += handful) {
      const rest = loadedByIt() > 0
      const asked = fresh.slice(i, rest ? undefined : i + handful)
      await this.#ask(survivors.flatMap((port) => asked.map((key) => question(port, key))))
      if (rest) break
      await delay(250)
    }
    const own = loadedByIt()
    tell(`of ${fresh.length} new keys, asked for at the others, it loaded the ${own} that it owns`)
    this.#find('new keys loaded by the peer that came back', own, own > 0)
  }

  #summary(): void {
    act('In short')
    this.#find('failed answers', this.#failed, this.#failed === 0)
    const verdict = (holds: boolean) => (holds ? paint('green', 'ok') : paint('red', 'WRONG'))
    const rows = this.#findings.map(({ what, value, holds }) => [what, count(value), verdict(holds)])
    table([['answers', count(this.#answered)], ...rows])
  }

  async #ask(questions: readonly Question[]): Promise<Outcome> {
    return this.#note(await this.#clients.burst(questions))
  }

  #note(outcome: Outcome): Outcome {
    this.#answered += outcome.answered
    this.#failed += outcome.failed
    if (outcome.complaint !== undefined) tell(paint('red', `first failure: ${outcome.complaint}`))
    return outcome
  }

  #find(what: string, value: number, holds: boolean): void {
    this.#findings.push({ what, value, holds })
  }

  #everywhere(keys: readonly string[]): Question[] {
    return this.#cluster.ports.flatMap((port) => keys.map((key) => question(port, key)))
  }

  #lookupsSince(index: number): readonly Lookup[] {
    return this.#cluster.lookups.slice(index)
  }

  #owns(port: number, key: string): boolean {
    return this.#ring.get(key) === urlOf(port)
  }

  /** The port among `ports` whose process has loaded the most, and will be missed the most. */
  #busiest(ports: readonly number[]): number {
    const loads = (port: number) => this.#cluster.lookups.filter((lookup) => lookup.port === port).length
    return [...ports].sort((a, b) => loads(b) - loads(a))[0] as number
  }
}

// New keys asked for at a time while the others may not have noticed yet that a peer is back.
const handful = 5

function question(port: number, key: string): Question {
  return { port, key, answer: scores[key] ?? playerScore(Number(key.slice('player-'.length))) }
}

function playersFrom(offset: number, length: number): string[] {
  return Array.from({ length }, (_, i) => `player-${offset + i + 1}`)
}

function pick<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)] as T
}
