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
  /** The passes of the runs under way: of each key the latest, which knows the one before it. */
  readonly #passes = new Map<string, RunPass>()
  #era: Era = { over: false }
  #running = 0
  #onLanded: (() => void)[] = []

  /**
   * Joins the run of `key`, or starts it. `signal` lets this caller leave; the run's aborts when the last one has. A run
   * for somebody who has no signal, and so cannot leave, gets none: making one would cost more than all the rest.
   */
  do(
    key: string,
    run: (signal: AbortSignal | undefined, pass: Pass) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    if (signal === undefined) return this.#flights.do(key, () => this.#track(key, run, undefined))
    return this.#flights.do(key, (alone) => this.#track(key, run, alone), { signal })
  }

  /** Whether there is a run of `key` to join. */
  has(key: string): boolean {
    return this.#flights.has(key)
  }

  /** Fences one key. */
  fence(key: string): void {
    this.#flights.forget(key)
    for (let pass = this.#passes.get(key); pass !== undefined; pass = pass.before) pass.fenced = true
  }

  /** Fences all keys, at a cost that does not depend on how many are in flight. */
  fenceAll(): void {
    this.#flights = new SingleFlight()
    this.#era.over = true
    this.#era = { over: false }
  }

  /** Resolves when no run is under way. */
  async landed(): Promise<void> {
    while (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#onLanded.push(resolve)
      })
    }
  }

  #track(
    key: string,
    run: (signal: AbortSignal | undefined, pass: Pass) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const pass = new RunPass(this.#era, this.#passes.get(key))
    this.#passes.set(key, pass)
    this.#running++
    const work = run(signal, pass)
    const land = () => this.#land(key, pass)
    work.then(land, land)
    return work
  }

  #land(key: string, pass: RunPass): void {
    this.#forget(key, pass)
    if (--this.#running > 0) return
    for (const landed of this.#onLanded.splice(0)) landed()
  }

  #forget(key: string, pass: RunPass): void {
    const latest = this.#passes.get(key)
    if (latest === pass) {
      if (pass.before === undefined) this.#passes.delete(key)
      else this.#passes.set(key, pass.before)
      return
    }
    for (let later = latest; later !== undefined; later = later.before) {
      if (later.before === pass) later.before = pass.before
    }
  }
}

/** The time between two fences of everything. */
interface Era {
  over: boolean
}

class RunPass implements Pass {
  fenced = false
  /** Of a run of the same key that was fenced and is still under way. */
  before: RunPass | undefined
  readonly #era: Era

  constructor(era: Era, before: RunPass | undefined) {
    this.#era = era
    this.before = before
  }

  get valid(): boolean {
    return !this.fenced && !this.#era.over
  }
}
