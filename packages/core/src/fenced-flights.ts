import { SingleFlight } from '@geecache/singleflight'
import { SlotMap } from './slot-map.ts'

/** What a run is told. */
export interface Pass {
  /**
   * False from the moment the key was fenced, for what the run saw may be older than what fenced it; and once nobody waits
   * for the run any more, for a newer one may end before it.
   */
  readonly valid: boolean
  /** Whether somebody who waits for the run may leave, so that it may be in vain before it has ended. */
  readonly isLeavable: boolean
  /**
   * Aborts when the last caller has left, or at the end of the group. Made when it is asked for: in Node.js 20 a signal
   * costs more than all the rest of a run.
   */
  readonly signal: AbortSignal
}

/**
 * Single flights with fences: one run for all who ask for a key, until the key is fenced. From then on new callers
 * start a new run. Those who wait still get the old run's answer, but its pass is no longer valid, so nobody after
 * them does.
 */
export class FencedFlights<T> {
  #flights = new SingleFlight<string, T>()
  /** The runs that may still come home: of each key the latest, which knows the one before it. */
  readonly #runs = new SlotMap<Run<T>>()
  #waitedFor = 0
  #era: Era = { over: false }
  #closed: { readonly reason: unknown } | undefined
  #onLanded: (() => void)[] = []

  /** Joins the run of `key`, or starts it. `signal` lets this caller leave. */
  do(key: string, run: (pass: Pass) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed.reason)
    if (signal === undefined) return this.#flights.do(key, () => this.#start(key, run, undefined))
    return this.#flights.do(key, (alone) => this.#start(key, run, alone), { signal })
  }

  /** Whether there is a run of `key` to join. */
  has(key: string): boolean {
    return this.#flights.has(key)
  }

  /** Fences one key. */
  fence(key: string): void {
    this.#flights.forget(key)
    for (let run = this.#runs.get(key); run !== undefined; run = run.before) run.fenced = true
  }

  /** Fences all keys, at a cost that does not depend on how many are in flight. */
  fenceAll(): void {
    this.#flights = new SingleFlight()
    this.#era.over = true
    this.#era = { over: false }
  }

  /** Resolves when there is no run that anybody waits for. */
  landed(): Promise<void> {
    if (this.#waitedFor === 0) return Promise.resolve()
    return new Promise((resolve) => this.#onLanded.push(resolve))
  }

  /** Ends what is still running, whether it heeds its signal or not, and lets nothing more begin. */
  close(reason: unknown): void {
    this.#closed = { reason }
    for (const latest of this.#runs.values()) {
      for (let run: Run<T> | undefined = latest; run !== undefined; run = run.before) run.end(reason)
    }
  }

  /** How many keys have runs that may still come home, though nobody may wait for them any more. */
  get size(): number {
    return this.#runs.size
  }

  #start(key: string, work: (pass: Pass) => Promise<T>, alone: AbortSignal | undefined): Promise<T> {
    const run = new Run<T>(this.#era, this.#runs.get(key), alone, () => this.#settled())
    this.#runs.set(key, run)
    this.#waitedFor++
    work(run).then(
      (value) => {
        this.#forget(key, run)
        run.succeed(value)
      },
      (error) => {
        this.#forget(key, run)
        run.fail(error)
      },
    )
    return run.outcome
  }

  #settled(): void {
    if (--this.#waitedFor > 0) return
    for (const resolve of this.#onLanded.splice(0)) resolve()
  }

  #forget(key: string, run: Run<T>): void {
    const latest = this.#runs.get(key)
    if (latest === run) {
      if (run.before === undefined) this.#runs.delete(key)
      else this.#runs.set(key, run.before)
      return
    }
    for (let later = latest; later !== undefined; later = later.before) {
      if (later.before === run) later.before = run.before
    }
  }
}

/** The time between two fences of everything. */
interface Era {
  over: boolean
}

class Run<T> implements Pass {
  readonly outcome: Promise<T>
  fenced = false
  /** One of the same key that was fenced and is still under way. */
  before: Run<T> | undefined
  readonly #era: Era
  /** Aborts when the last caller has left; undefined if none of them can. */
  readonly #alone: AbortSignal | undefined
  readonly #onSettled: () => void
  #controller: AbortController | undefined
  #resolve!: (value: T) => void
  #reject!: (reason: unknown) => void
  #over = false

  constructor(era: Era, before: Run<T> | undefined, alone: AbortSignal | undefined, onSettled: () => void) {
    this.#era = era
    this.before = before
    this.#alone = alone
    this.#onSettled = onSettled
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    alone?.addEventListener('abort', this)
  }

  get valid(): boolean {
    return !this.fenced && !this.#era.over
  }

  get isLeavable(): boolean {
    return this.#alone !== undefined
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    return this.#controller.signal
  }

  /** The last caller has left. */
  handleEvent(): void {
    this.end(this.#alone?.reason)
  }

  /** Nobody waits any more: the work need not go on, and if it does, nobody hears of it. */
  end(reason: unknown): void {
    if (!this.#settle()) return
    this.fenced = true
    // Made if need be, for who asks for it later must not find that all is well.
    this.#controller ??= new AbortController()
    this.#controller.abort(reason)
    this.#reject(reason)
  }

  succeed(value: T): void {
    if (this.#settle()) this.#resolve(value)
  }

  fail(error: unknown): void {
    if (this.#settle()) this.#reject(error)
  }

  #settle(): boolean {
    if (this.#over) return false
    this.#over = true
    this.#alone?.removeEventListener('abort', this)
    this.#onSettled()
    return true
  }
}
