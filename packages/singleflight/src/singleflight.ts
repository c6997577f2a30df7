import { Departures } from './departures.ts'
import { doMany } from './do-many.ts'
import { reentrantError } from './errors.ts'
import { Flight, type Work } from './flight.ts'
import { FlightTable } from './flight-table.ts'
import { type CallOptions, resolveOptions, type SingleFlightOptions } from './options.ts'

/**
 * Loads the value of one key. `signal` aborts when the last caller has left.
 *
 * A function that declares no parameter, called for somebody who has no signal and so cannot leave, gets a signal that
 * all such runs of one SingleFlight share and that never aborts: making one for each run would cost more than the rest
 * of the call.
 */
export type Run<V> = (signal: AbortSignal) => V | PromiseLike<V>

/**
 * Loads the values of many keys: one result for each key, in the same order, where an Error is the failure of that key
 * alone. `signal` aborts when the last caller of the last key has left.
 */
export type BatchRun<K, V> = (
  keys: K[],
  signal: AbortSignal,
) => readonly (V | Error)[] | PromiseLike<readonly (V | Error)[]>

export interface Shared<V> {
  readonly value: V
  /** Whether more than one caller got it. */
  readonly shared: boolean
}

/**
 * Concurrent callers of one key share one run.
 *
 * After golang.org/x/sync/singleflight, with callers who can leave. The run belongs to nobody: a caller who leaves is
 * rejected alone, and the work is told to stop when nobody waits for it any more. Keys are compared as a Map does.
 * No method throws: what is wrong with a call comes as a rejection.
 */
export class SingleFlight<K, V> {
  readonly #flights = new FlightTable<K, V>()
  readonly #departures = new Departures<V>()
  readonly #maxAgeMs: number
  readonly #now: () => number
  #neverAborts: AbortSignal | undefined

  /** @throws RangeError if `maxAgeMs` is not a positive number */
  constructor(options?: SingleFlightOptions) {
    const { maxAgeMs, now } = resolveOptions(options)
    this.#maxAgeMs = maxAgeMs
    this.#now = now
  }

  /**
   * The outcome of the run of `key` that is under way, or of `fn`, which is then called at once.
   *
   * Whatever the run returns, throws or rejects with, every caller gets it. Callers without a signal get the very same
   * promise. A run that would wait for itself is rejected with a {@link ReentrantError}: known if it asks for its own
   * key before it first returns, or if it passes its signal on to the calls it makes; otherwise it does wait for ever.
   */
  do(key: K, fn: Run<V>, options?: CallOptions): Promise<V> {
    const flight = this.#flights.get(key)
    if (flight?.open && !options) {
      // By far the most frequent call: one more who cannot leave.
      flight.waiters++
      return flight.open
    }
    return this.#board(key, fn, options?.signal, join)
  }

  /** Like {@link do}, and says whether more than one caller got the value. */
  doShared(key: K, fn: Run<V>, options?: CallOptions): Promise<Shared<V>> {
    return this.#board(key, fn, options?.signal, joinShared)
  }

  /**
   * The outcomes of many keys, in the order asked: those in flight are joined, and `fn` is called at once, with all the
   * others, if there are any.
   *
   * Each key is a flight of its own: callers of do may join it and get its outcome alone. If `fn` fails, or does not
   * answer with one result for each key, all keys that it was asked for are rejected. Rejects as a whole only if
   * `options.signal` aborts.
   */
  doMany(keys: Iterable<K>, fn: BatchRun<K, V>, options?: CallOptions): Promise<PromiseSettledResult<V>[]> {
    const signal = options?.signal
    return doMany(keys, fn, signal, (key, start, work) => this.#board(key, start, signal, join, work))
  }

  /** Makes the next caller start a new run. Those who wait now still get their answer. False if there is no run. */
  forget(key: K): boolean {
    return this.#flights.delete(key)
  }

  /** Whether there is a run of `key` under way that has not been forgotten. */
  has(key: K): boolean {
    return this.#flights.get(key) !== undefined
  }

  /** How many callers wait for the run that {@link has} tells of. */
  waiters(key: K): number {
    return this.#flights.get(key)?.waiters ?? 0
  }

  /** How many keys have a run under way. */
  get size(): number {
    return this.#flights.size
  }

  #board<T>(key: K, fn: Run<V>, signal: AbortSignal | undefined, join: Join<V, T>, batch?: Work): Promise<T> {
    try {
      signal?.throwIfAborted()
      if (typeof fn !== 'function') throw new TypeError(`fn must be a function, got ${fn}`)
      const underWay = this.#flights.get(key)
      if (underWay && this.#now() - underWay.startedAt <= this.#maxAgeMs) {
        if (this.#waitsFor(underWay, signal)) throw reentrantError(key)
        return join(underWay, signal)
      }
      const work = batch ?? new AbortController()
      const flight = new Flight<V>(work, this.#now(), this.#departures, (flight) => {
        // A flight that was forgotten, or is too old, must leave its successor alone.
        if (this.#flights.get(key) === flight) this.#flights.delete(key)
      })
      this.#flights.set(key, flight)
      // Joined before it runs, because the run itself may make this caller leave.
      const promise = join(flight, signal)
      flight.run(fn, fn.length > 0 || signal ? work.signal : this.#signalThatNeverAborts())
      if (this.#maxAgeMs === Infinity && !batch && !signal) flight.open = flight.shared
      return promise
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Whether `flight` waits for the run that asks to join it with `signal`.
   *
   * While a function is on the stack, it is the one that calls. Later a run is known by its signal, and so is whatever
   * it waits for, if it passed the signal on.
   */
  #waitsFor(flight: Flight<V>, signal: AbortSignal | undefined): boolean {
    const { starting, work } = flight
    if (starting || work.starting) return true
    if (!signal) return false
    if (work.signal === signal) return true
    for (const seat of this.#departures.of(work.signal)) if (this.#waitsFor(seat.flight, signal)) return true
    return false
  }

  #signalThatNeverAborts(): AbortSignal {
    this.#neverAborts ??= new AbortController().signal
    return this.#neverAborts
  }
}

type Join<V, T> = (flight: Flight<V>, signal: AbortSignal | undefined) => Promise<T>

function join<V>(flight: Flight<V>, signal: AbortSignal | undefined): Promise<V> {
  return flight.join(signal)
}

function joinShared<V>(flight: Flight<V>, signal: AbortSignal | undefined): Promise<Shared<V>> {
  return flight.join(signal).then((value) => ({ value, shared: flight.waiters > 1 }))
}
