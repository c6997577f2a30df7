import { SingleFlight } from '@geecache/singleflight'

/** Says whether what a run brings home may still be kept. */
export interface Pass {
  /** False from the moment the key was fenced: what the run saw may be older than what fenced it. */
  readonly valid: boolean
}

/**
 * Single flights with fences: one run for all who ask for a key, until the key is fenced. From then on new callers
 * start a new run. Those who wait still get the old run's answer, but its pass is no longer valid, so nobody after
 * them does.
 */
export class FencedFlights<T> {
  #flights = new SingleFlight<string, T>()
  readonly #passes = new Map<string, Set<RunPass>>()
  /** The runs that somebody waits for, by what ends each. */
  readonly #waitedFor = new Set<(reason: unknown) => void>()
  #era: Era = { over: false }
  #closed: { readonly reason: unknown } | undefined
  #onLanded: (() => void)[] = []

  /** Joins the run of `key`, or starts it. `signal` lets this caller leave; the run's aborts when the last one has. */
  do(
    key: string,
    run: (signal: AbortSignal, pass: Pass) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed.reason)
    return this.#flights.do(key, (alone) => this.#track(key, run, alone), { signal })
  }

  /** Whether there is a run of `key` to join. */
  has(key: string): boolean {
    return this.#flights.has(key)
  }

  /** Fences one key. */
  fence(key: string): void {
    this.#flights.forget(key)
    for (const pass of this.#passes.get(key) ?? []) pass.fenced = true
  }

  /** Fences all keys, at a cost that does not depend on how many are in flight. */
  fenceAll(): void {
    this.#flights = new SingleFlight()
    this.#era.over = true
    this.#era = { over: false }
  }

  /** Resolves when there is no run that anybody waits for. */
  landed(): Promise<void> {
    if (this.#waitedFor.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#onLanded.push(resolve))
  }

  /** Ends what is still running, whether it heeds its signal or not, and lets nothing more begin. */
  close(reason: unknown): void {
    this.#closed = { reason }
    for (const end of [...this.#waitedFor]) end(reason)
  }

  /** How many keys have runs that may still come home, though nobody may wait for them any more. */
  get size(): number {
    return this.#passes.size
  }

  #track(key: string, run: (signal: AbortSignal, pass: Pass) => Promise<T>, alone: AbortSignal): Promise<T> {
    const pass = this.#issue(key)
    // The flight's own signal aborts when the last caller has left; this one at the end of the group, too.
    const controller = new AbortController()
    return new Promise((resolve, reject) => {
      const end = (reason: unknown) => {
        controller.abort(reason)
        reject(reason)
        this.#landed(end)
      }
      const onLeft = () => end(alone.reason)
      const land = () => {
        alone.removeEventListener('abort', onLeft)
        this.#return(key, pass)
        this.#landed(end)
      }
      alone.addEventListener('abort', onLeft)
      this.#waitedFor.add(end)
      const work = run(controller.signal, pass)
      work.then(resolve, reject)
      work.then(land, land)
    })
  }

  #landed(end: (reason: unknown) => void): void {
    if (!this.#waitedFor.delete(end) || this.#waitedFor.size > 0) return
    for (const resolve of this.#onLanded) resolve()
    this.#onLanded = []
  }

  #issue(key: string): RunPass {
    const pass = new RunPass(this.#era)
    const passes = this.#passes.get(key) ?? new Set()
    this.#passes.set(key, passes.add(pass))
    return pass
  }

  #return(key: string, pass: RunPass): void {
    const passes = this.#passes.get(key)
    passes?.delete(pass)
    if (passes?.size === 0) this.#passes.delete(key)
  }
}

/** The time between two fences of everything. */
interface Era {
  over: boolean
}

class RunPass implements Pass {
  fenced = false
  readonly #era: Era

  constructor(era: Era) {
    this.#era = era
  }

  get valid(): boolean {
    return !this.fenced && !this.#era.over
  }
}
