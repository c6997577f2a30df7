import { attempt } from './attempt.ts'
import type { Departures } from './departures.ts'

/** Work that can be told that nobody waits for it any more. An AbortController is one. */
export interface Work {
  readonly signal: AbortSignal
  abort(reason: unknown): void
}

/** A promise on a flight: of one caller who has a signal, or of all who have none. */
export interface Seat<V> {
  readonly flight: Flight<V>
  readonly signal: AbortSignal | undefined
  resolve(value: V): void
  reject(reason: unknown): void
}

/** One run and everybody who waits for it. */
export class Flight<V> {
  /** How many callers wait; once the run has settled, how many got its outcome. */
  waiters = 0
  /** Whether the run has yet to return for the first time: whoever joins before that was called by the run. */
  starting = true
  readonly startedAt: number
  /** Absent if the work cannot be abandoned, because its first caller has no signal and so stays to the end. */
  readonly work: Work | undefined

  readonly #departures: Departures<V>
  readonly #onEnd: (flight: Flight<V>) => void
  readonly #seats = new Set<Seat<V>>()
  #shared: Promise<V> | undefined

  /** @param onEnd called when there is nothing left to join: the run has settled, or everybody has left */
  constructor(
    startedAt: number,
    work: Work | undefined,
    departures: Departures<V>,
    onEnd: (flight: Flight<V>) => void,
  ) {
    this.startedAt = startedAt
    this.work = work
    this.#departures = departures
    this.#onEnd = onEnd
  }

  /** Waits for the outcome, or until `signal` aborts. */
  join(signal: AbortSignal | undefined): Promise<V> {
    this.waiters++
    if (signal) return this.#sit(signal)
    this.#shared ??= this.#sit(undefined)
    return this.#shared
  }

  /** Starts the run, at once. A throw counts as a rejection. */
  run(fn: (signal: AbortSignal) => V | PromiseLike<V>, signal: AbortSignal): void {
    attempt(fn, signal).then(
      (value) => this.resolve(value),
      (reason) => this.reject(reason),
    )
    this.starting = false
  }

  /** The run has settled: everybody who waits gets the value. */
  resolve(value: V): void {
    for (const seat of this.#end()) seat.resolve(value)
  }

  /** The run has settled: everybody who waits gets the reason. */
  reject(reason: unknown): void {
    for (const seat of this.#end()) seat.reject(reason)
  }

  /** One caller stops waiting; if it is the last one, the work is abandoned. */
  leave(seat: Seat<V>, reason: unknown): void {
    this.#seats.delete(seat)
    this.#departures.delete(seat)
    seat.reject(reason)
    if (--this.waiters === 0) {
      // First the end, then the abort: its listeners may ask for the key again, and must get a new flight.
      this.#onEnd(this)
      this.work?.abort(reason)
    }
  }

  #sit(signal: AbortSignal | undefined): Promise<V> {
    return new Promise((resolve, reject) => {
      const seat = { flight: this, signal, resolve, reject }
      this.#seats.add(seat)
      this.#departures.add(seat)
    })
  }

  /** Closes the flight: from here on nobody joins and nobody leaves. */
  #end(): Iterable<Seat<V>> {
    this.#onEnd(this)
    for (const seat of this.#seats) this.#departures.delete(seat)
    return this.#seats
  }
}
