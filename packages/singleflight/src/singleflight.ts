import { type BatchRun, runBatch } from './batch.ts'
import { reentrantError } from './errors.ts'
import type { Berth, Flight, Settle, Work } from './flight.ts'
import type { CallOptions, SingleFlightOptions } from './options.ts'

/**
 * Loads the value of one key. `signal` aborts when the last caller has left.
 *
 * A function that declares no parameter, called for somebody who has no signal and so cannot leave, gets a signal that
 * all such runs share and that never aborts: making one for each run would cost more than the rest of the call.
 */
export type Run<V> = (signal: AbortSignal) => V | PromiseLike<V>

export interface Shared<V> {
  readonly value: V
  /** Whether more than one caller got it. */
  readonly shared: boolean
}

const neverAborts = /* @__PURE__ */ new AbortController()

/**
 * Concurrent callers of one key share one run.
 *
 * After golang.org/x/sync/singleflight, with callers who can leave. The run belongs to nobody: a caller who leaves is
 * rejected alone, and the work is told to stop when nobody waits for it any more. Keys are compared as a Map does.
 * No method throws: what is wrong with a call comes as a rejection.
 *
 * Every call boards a flight, a new one or one under way. Callers without a signal share its landing; each of the others
 * has a seat, which is known to the flight, for the outcome, and to the signal, for the departure.
 */
export class SingleFlight<K, V> {
  readonly #berths = new Map<K, Berth<K, V>>()
  readonly #free: Berth<K, V>[] = []
  /**
   * Who leaves when which signal aborts. A signal carries one listener, however many wait on it, and none once nobody
   * does: Node.js 20 warns of a leak at the eleventh, and a signal may live as long as its process.
   */
  readonly #seats = new WeakMap<AbortSignal, Map<Settle<V>, Flight<K, V>>>()
  readonly #maxAgeMs: number
  readonly #now: () => number

  /** @throws RangeError if `maxAgeMs` is not a positive number */
  constructor({ maxAgeMs = Infinity, now = () => performance.now() }: SingleFlightOptions = {}) {
    if (!(maxAgeMs > 0)) throw new RangeError(`maxAgeMs must be above 0, got ${maxAgeMs}`)
    this.#maxAgeMs = maxAgeMs
    // Without a limit all runs are of the same age.
    this.#now = maxAgeMs === Infinity ? () => 0 : now
  }

  /**
   * The outcome of the run of `key` that is under way, or of `fn`, which is then called at once.
   *
   * Whatever the run returns, throws or rejects with, every caller gets it. Callers without a signal get the very same
   * promise. A run that would wait for itself is rejected with a {@link ReentrantError}: known if it asks for its own
   * key before it first returns, or if it passes its signal on to the calls it makes; otherwise it does wait for ever.
   */
  do(key: K, fn: Run<V>, options?: CallOptions): Promise<V> {
    return this.#board(key, fn, options?.signal)
  }

  /** Like {@link do}, and says whether more than one caller got the value. */
  async doShared(key: K, fn: Run<V>, options?: CallOptions): Promise<Shared<V>> {
    let boarded: Flight<K, V> | undefined
    const value = await this.#board(key, fn, options?.signal, undefined, (flight) => {
      boarded = flight
    })
    return { value, shared: boarded!.waiters > 1 } // A call that was refused got no value.
  }

  /**
   * The outcomes of many keys, in the order asked: those in flight are joined, and `fn` is called at once, with all the
   * others, if there are any.
   *
   * Each key is a flight of its own: callers of do may join it and get its outcome alone. If `fn` fails, or does not
   * answer with one result for each key, all keys that it was asked for are rejected. Rejects as a whole only if
   * `options.signal` aborts.
   */
  async doMany(
    keys: Iterable<K>,
    fn: BatchRun<K, V>,
    options?: CallOptions,
  ): Promise<PromiseSettledResult<V>[]> {
    const signal = options?.signal
    const asked = [...keys]
    const rest: K[] = []
    const controller = new AbortController()
    let abandoned = 0
    const work = {
      signal: controller.signal,
      starting: true,
      abort(reason: unknown): void {
        if (++abandoned === rest.length) controller.abort(reason)
      },
    }
    const outcomes = new Map<K, Promise<V>>()
    for (const key of new Set(asked)) {
      const start = async (): Promise<V> => {
        const index = rest.push(key) - 1
        await undefined // By then fn has been called, with all the rest.
        const result = (await results)[index]
        if (result instanceof Error) throw result
        return result as V
      }
      outcomes.set(key, this.#board(key, start, signal, work))
    }
    const results = rest.length ? runBatch(fn, rest, work.signal) : []
    work.starting = false
    const settled = await Promise.allSettled(asked.map((key) => outcomes.get(key) as Promise<V>))
    signal?.throwIfAborted()
    return settled
  }

  /** Makes the next caller start a new run. Those who wait now still get their answer. False if there is no run. */
  forget(key: K): boolean {
    const berth = this.#berths.get(key)
    if (berth) {
      berth.flight = undefined
      this.#free.push(berth)
    }
    return this.#berths.delete(key)
  }

  /** Whether there is a run of `key` under way that has not been forgotten. */
  has(key: K): boolean {
    return this.#berths.has(key)
  }

  /** How many callers wait for the run that {@link has} tells of. */
  waiters(key: K): number {
    return this.#berths.get(key)?.flight?.waiters ?? 0
  }

  /** How many keys have a run under way. */
  get size(): number {
    return this.#berths.size
  }

  #board(
    key: K,
    fn: Run<V>,
    signal: AbortSignal | undefined,
    work?: Work,
    onBoard?: (flight: Flight<K, V>) => void,
  ): Promise<V> {
    try {
      signal?.throwIfAborted()
      const berth = this.#berths.get(key) ?? this.#free.pop() ?? { flight: undefined }
      let { flight } = berth
      if (flight && this.#now() - flight.startedAt <= this.#maxAgeMs) {
        if (this.#waitsFor(flight, signal)) throw reentrantError(key)
      } else {
        if (signal || fn.length) work ??= new AbortController()
        flight = { key, startedAt: this.#now(), work, waiters: 0, landing: undefined, seats: undefined }
        berth.flight = flight
        this.#berths.set(key, berth)
      }
      flight.waiters++
      // Before it runs, because the run itself may make this caller leave.
      const seat = signal && this.#sit(flight, signal)
      flight.landing ??= this.#fly(flight, fn)
      onBoard?.(flight)
      return seat ?? flight.landing
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Waits for the outcome, or until `signal` aborts. */
  #sit(flight: Flight<K, V>, signal: AbortSignal): Promise<V> {
    return new Promise((resolve) => {
      const seats = this.#seats.get(signal) ?? new Map<Settle<V>, Flight<K, V>>()
      if (!seats.size) {
        this.#seats.set(signal, seats)
        signal.addEventListener('abort', this.#onAbort)
      }
      const settle = (outcome: Promise<V>): void => {
        resolve(outcome)
        flight.seats?.delete(settle)
        seats.delete(settle)
        if (!seats.size) signal.removeEventListener('abort', this.#onAbort)
      }
      seats.set(settle, flight)
      flight.seats ??= new Set()
      flight.seats.add(settle)
    })
  }

  /** Starts the run, at once. Whoever waits when it settles gets the outcome. */
  async #fly(flight: Flight<K, V>, fn: Run<V>): Promise<V> {
    try {
      return await fn((flight.work ?? neverAborts).signal)
    } catch (error) {
      await undefined // What was thrown at once is no more at once than a rejection is.
      if (flight.waiters) throw error
      return undefined as never // Nobody is there to handle it.
    } finally {
      this.#close(flight)
      for (const settle of flight.seats ?? []) settle(flight.landing as Promise<V>)
    }
  }

  /** Those who wait on a signal leave. */
  readonly #onAbort = (event: Event): void => {
    const signal = event.target as AbortSignal
    for (const [settle, flight] of this.#seats.get(signal) ?? []) {
      settle(Promise.reject(signal.reason))
      if (--flight.waiters) continue
      // Closed before the abort, whose listeners may ask for the key again and must get a new flight.
      this.#close(flight)
      flight.work?.abort(signal.reason)
    }
  }

  /** A flight that was forgotten, or is too old, must leave its successor alone. */
  #close(flight: Flight<K, V>): void {
    if (this.#berths.get(flight.key)?.flight === flight) this.forget(flight.key)
  }

  /**
   * Whether `flight` waits for the run that asks to join it with `signal`.
   *
   * While a function is on the stack, it is the one that calls. Later a run is known by its signal, and so is whatever
   * it waits for, if it passed the signal on.
   */
  #waitsFor({ landing, work }: Flight<K, V>, signal: AbortSignal | undefined): unknown {
    return (
      !landing ||
      work?.starting ||
      (signal &&
        work &&
        (work.signal === signal ||
          [...(this.#seats.get(work.signal) ?? [])].some(([, next]) => this.#waitsFor(next, signal))))
    )
  }
}
