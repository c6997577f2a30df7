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
  readonly #running = new Set<Promise<T>>()
  #era: Era = { over: false }

  /** Joins the run of `key`, or starts it. `signal` lets this caller leave; the run's aborts when the last one has. */
  do(
    key: string,
    run: (signal: AbortSignal, pass: Pass) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
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

  /** Resolves when no run is under way. */
  async landed(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }

  #track(key: string, run: (signal: AbortSignal, pass: Pass) => Promise<T>, signal: AbortSignal): Promise<T> {
    const pass = new RunPass(this.#era)
    const passes = this.#passes.get(key) ?? new Set()
    this.#passes.set(key, passes.add(pass))
    const work = run(signal, pass)
    this.#running.add(work)
    const land = () => {
      this.#running.delete(work)
      passes.delete(pass)
      if (passes.size === 0 && this.#passes.get(key) === passes) this.#passes.delete(key)
    }
    work.then(land, land)
    return work
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
