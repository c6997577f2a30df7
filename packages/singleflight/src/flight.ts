import type { Departures } from './departures.ts'

/** What a flight waits for, and tells when nobody waits for the flight any more. */
export interface Work {
  readonly signal: AbortSignal
  /** Whether the function given to doMany is on the stack. The one given to do is known to its flight. */
  readonly starting?: boolean
  abort(reason: unknown): void
}

/** The place of one caller who has a signal, and so may leave. */
export interface Seat<V> {
  readonly flight: Flight<V>
  settle(outcome: V | PromiseLike<V>): void
  leave(reason: unknown): void
}

/** One run of one key, and everybody who waits for it. */
export class Flight<V> {
  readonly work: Work
  readonly startedAt: number
  /** Whether the run has yet to return for the first time, so that whoever asks for its key was called by it. */
  starting = true
  /** What all callers share who have no signal, and so cannot leave. */
  shared: Promise<V> | undefined
  /** The same where they may have it unasked: the run has returned, is not of a batch, and has no age limit. */
  open: Promise<V> | undefined
  /** How many callers wait; once the run has settled, how many got its outcome. */
  waiters = 0

  readonly #departures: Departures<V>
  readonly #close: (flight: Flight<V>) => void
  #seats: Set<Seat<V>> | undefined
  #settleShared: ((outcome: V | PromiseLike<V>) => void) | undefined

  /** @param close called when there is nothing left to join: the run has settled, or everybody has left */
  constructor(work: Work, startedAt: number, departures: Departures<V>, close: (flight: Flight<V>) => void) {
    this.work = work
    this.startedAt = startedAt
    this.#departures = departures
    this.#close = close
  }

  /** Waits for the outcome, or until `signal` aborts. Callers who cannot leave share one promise. */
  join(signal: AbortSignal | undefined): Promise<V> {
    this.waiters++
    if (signal) return this.#sit(signal)
    this.shared ??= new Promise((resolve) => {
      this.#settleShared = resolve
    })
    return this.shared
  }

  /** Starts the run, at once; a throw counts as a rejection. Whoever waits when it settles gets the outcome. */
  run(fn: (signal: AbortSignal) => V | PromiseLike<V>, signal: AbortSignal): void {
    let outcome: Promise<V>
    try {
      outcome = Promise.resolve(fn(signal))
    } catch (error) {
      outcome = Promise.reject(error)
    }
    this.starting = false
    outcome.then(
      (value) => this.#land(value),
      () => this.#land(outcome),
    )
  }

  #land(outcome: V | PromiseLike<V>): void {
    this.#close(this)
    this.#settleShared?.(outcome)
    for (const seat of this.#seats ?? []) seat.settle(outcome)
  }

  #sit(signal: AbortSignal): Promise<V> {
    return new Promise((resolve) => {
      const seat: Seat<V> = {
        flight: this,
        settle: (outcome) => {
          this.#seats?.delete(seat)
          this.#departures.delete(signal, seat)
          resolve(outcome)
        },
        leave: (reason) => {
          seat.settle(Promise.reject(reason))
          if (--this.waiters > 0) return
          // Closed before the abort, whose listeners may ask for the key again and must get a new flight.
          this.#close(this)
          this.work.abort(reason)
        },
      }
      this.#seats ??= new Set()
      this.#seats.add(seat)
      this.#departures.add(signal, seat)
    })
  }
}
