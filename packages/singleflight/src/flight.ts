import type { Departures } from './departures.ts'

/** What a flight waits for, and tells when nobody waits for the flight any more. */
export interface Work {
  readonly signal: AbortSignal
  /** Whether the function given to doMany is on the stack. The one given to do is known to its flight. */
  readonly starting?: boolean
  abort(reason: unknown): void
}

/** A promise on a flight: of one caller who has a signal, or of all who have none. */
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
  /** How many callers wait; once the run has settled, how many got its outcome. */
  waiters = 0

  readonly #departures: Departures<V>
  readonly #close: (flight: Flight<V>) => void
  readonly #seats = new Set<Seat<V>>()
  #shared: Promise<V> | undefined

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
    this.#shared ??= this.#sit()
    return this.#shared
  }

  /** Starts the run, at once; a throw counts as a rejection. Whoever waits when it settles gets the outcome. */
  run(fn: () => V | PromiseLike<V>): void {
    const outcome = (async () => await fn())()
    this.starting = false
    const land = (settled: V | PromiseLike<V>): void => {
      this.#close(this)
      for (const seat of this.#seats) seat.settle(settled)
    }
    outcome.then(land, () => land(outcome))
  }

  #sit(signal?: AbortSignal): Promise<V> {
    return new Promise((resolve) => {
      const seat: Seat<V> = {
        flight: this,
        settle: (outcome) => {
          this.#seats.delete(seat)
          if (signal) this.#departures.delete(signal, seat)
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
      this.#seats.add(seat)
      if (signal) this.#departures.add(signal, seat)
    })
  }
}
