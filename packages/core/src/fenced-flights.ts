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

/** A run whose outcome is told rather than promised: exactly one of the two is called, once; what comes late is dropped. */
export interface Landing<T> extends Pass {
  succeed(value: T): void
  fail(error: unknown): void
}

/**
 * Single flights with fences: one run for all who ask for a key, until the key is fenced. From then on new callers
 * start a new run. Those who wait still get the old run's answer, but its pass is no longer valid, so nobody after
 * them does.
 */
export class FencedFlights<T> {
  /** Of callers who may leave; with those who may not, where these came second. */
  #leavable = new SingleFlight<string, T>()
  /** The runs that may still come home: of each key the latest, which knows the one before it. */
  readonly #runs = new SlotMap<Run<T>>()
  #waitedFor = 0
  #era: Era = { over: false }
  #closed: { readonly reason: unknown } | undefined
  #onLanded: (() => void)[] = []
  /** One for all runs: a function for each would cost as much as the run. */
  readonly #watch: RunWatch<T> = {
    settled: () => this.#settled(),
    home: (run) => this.#forget(run),
  }

  /** Joins the run of `key`, or starts it. `signal` lets this caller leave. */
  do(key: string, work: (pass: Pass) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const start = (landing: Landing<T>) => {
      work(landing).then(
        (value) => landing.succeed(value),
        (error) => landing.fail(error),
      )
    }
    return this.begin(key, start, signal)
  }

  /** As `do`, for work that is started by `start` and tells its landing what came of it. */
  begin(key: string, start: (landing: Landing<T>) => void, signal: AbortSignal | undefined): Promise<T> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed.reason)
    const latest = this.#latest(key)
    if (signal === undefined) {
      // Who can't leave needs no place of his own, and there is nothing cheaper than the outcome itself.
      if (!latest?.valid) return this.#start({ key, before: latest, alone: undefined }, start)
      if (!latest.isLeavable) return latest.outcome
      return this.#leavable.do(key, () => this.#start({ key, before: latest, alone: undefined }, start))
    }
    const joinOrStart = (alone: AbortSignal) =>
      latest?.valid ? latest.outcome : this.#start({ key, before: latest, alone }, start)
    return this.#leavable.do(key, joinOrStart, { signal })
  }

  /** Whether there is a run of `key` to join. */
  has(key: string): boolean {
    return this.#latest(key)?.valid === true
  }

  /** Fences one key. */
  fence(key: string): void {
    this.#leavable.forget(key)
    for (let run = this.#runs.get(key); run !== undefined; run = run.before) run.fenced = true
  }

  /** Fences all keys, at a cost that does not depend on how many are in flight. */
  fenceAll(): void {
    this.#leavable = new SingleFlight()
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

  #latest(key: string): Run<T> | undefined {
    return this.#runs.size > 0 ? this.#runs.get(key) : undefined
  }

  #start(parts: RunParts<T>, start: (landing: Landing<T>) => void): Promise<T> {
    const run = new Run<T>(parts, this.#era, this.#watch)
    const { before } = run
    if (before === undefined) {
      run.slot = this.#runs.add(run.key, run)
    } else {
      run.slot = before.slot
      before.after = run
      this.#runs.put(run.slot, run)
    }
    this.#waitedFor++
    start(run)
    return run.outcome
  }

  #settled(): void {
    if (--this.#waitedFor > 0) return
    for (const resolve of this.#onLanded.splice(0)) resolve()
  }

  #forget(run: Run<T>): void {
    const { key, slot, before, after } = run
    if (after !== undefined) after.before = before
    else if (this.#runs.at(slot) !== run) return
    else if (before !== undefined) this.#runs.put(slot, before)
    else this.#runs.delete(key, slot)
    if (before !== undefined) before.after = after
    run.before = undefined
    run.after = undefined
  }
}

/** The time between two fences of everything. */
interface Era {
  over: boolean
}

/** What a run begins with. */
interface RunParts<T> {
  readonly key: string
  /** One of the same key that was fenced and is still under way. */
  readonly before: Run<T> | undefined
  /** Aborts when the last caller has left; undefined if none of them can. */
  readonly alone: AbortSignal | undefined
}

/** Hears of all runs. */
interface RunWatch<T> {
  /** Nobody waits for it any more. */
  settled(): void
  /** Its work has ended. */
  home(run: Run<T>): void
}

class Run<T> implements Landing<T> {
  readonly key: string
  readonly outcome: Promise<T>
  fenced = false
  /** Of the same key, and still under way: the run that began before this one, and the one after it. */
  before: Run<T> | undefined
  after: Run<T> | undefined
  /** Where it, and all other runs of its key, are found. */
  slot = 0
  readonly #era: Era
  readonly #alone: AbortSignal | undefined
  readonly #watch: RunWatch<T>
  #controller: AbortController | undefined
  #resolve!: (value: T) => void
  #reject!: (reason: unknown) => void
  #over = false

  constructor({ key, before, alone }: RunParts<T>, era: Era, watch: RunWatch<T>) {
    this.key = key
    this.before = before
    this.#era = era
    this.#alone = alone
    this.#watch = watch
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
    this.#watch.home(this)
    if (this.#settle()) this.#resolve(value)
  }

  fail(error: unknown): void {
    this.#watch.home(this)
    if (this.#settle()) this.#reject(error)
  }

  #settle(): boolean {
    if (this.#over) return false
    this.#over = true
    this.#alone?.removeEventListener('abort', this)
    this.#watch.settled()
    return true
  }
}
