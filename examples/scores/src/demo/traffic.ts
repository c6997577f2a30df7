import { Pool } from 'undici'

/** How requests went. */
export interface Outcome {
  answered: number
  /** Answers that were errors, wrong, or never came. */
  failed: number
  /** What the first failure was. */
  complaint: string | undefined
  ms: number
}

export interface Question {
  readonly port: number
  readonly key: string
  readonly answer: string
}

// On 100 connections with 10 requests each under way, a thousand requests reach a process at once.
const connections = 100
const pipelining = 10

/** Asks the API of several processes, as their clients would. */
export class Clients {
  readonly #pools: ReadonlyMap<number, Pool>

  constructor(ports: readonly number[]) {
    const poolOf = (port: number) => new Pool(`http://127.0.0.1:${port}`, { connections, pipelining })
    this.#pools = new Map(ports.map((port) => [port, poolOf(port)]))
  }

  /** Asks everything at once. */
  async burst(questions: readonly Question[]): Promise<Outcome> {
    const outcome: Outcome = { answered: 0, failed: 0, complaint: undefined, ms: 0 }
    const begin = performance.now()
    await Promise.all(questions.map((question) => this.#ask(question, outcome)))
    outcome.ms = performance.now() - begin
    return outcome
  }

  /** Keeps `workers` requests under way, each taken from `next`, until `end` has run. */
  async during(workers: number, next: () => Question, end: () => Promise<void>): Promise<Outcome> {
    const outcome: Outcome = { answered: 0, failed: 0, complaint: undefined, ms: 0 }
    const begin = performance.now()
    let going = true
    const work = async () => {
      while (going) await this.#ask(next(), outcome)
    }
    const working = Promise.all(Array.from({ length: workers }, work))
    await end()
    going = false
    await working
    outcome.ms = performance.now() - begin
    return outcome
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()))
  }

  async #ask({ port, key, answer }: Question, outcome: Outcome): Promise<void> {
    try {
      const pool = this.#pools.get(port) as Pool
      const { body } = await pool.request({ method: 'GET', path: `/api?key=${encodeURIComponent(key)}` })
      const text = await body.text()
      if (text !== answer) throw new Error(`${key} answered ${JSON.stringify(text)}, not ${answer}`)
      outcome.answered++
    } catch (error) {
      outcome.failed++
      outcome.complaint ??= (error as Error).message
    }
  }
}
