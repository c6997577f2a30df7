import { Departures } from './departures.ts'
import { SingleFlightError } from './errors.ts'
import { Flight, type Work } from './flight.ts'
import type { ResolvedOptions } from './options.ts'

/** The flights that can be joined, one a key. */
export class Flights<K, V> {
  readonly byKey: Map<K, Flight<V>> = new Map()
  readonly #departures = new Departures<V>()
  readonly #maxAgeMs: number
  readonly #now: () => number
  #never: AbortSignal | undefined

  constructor({ maxAgeMs, now }: ResolvedOptions) {
    this.#maxAgeMs = maxAgeMs
    // Nobody needs to know the time where there is no age limit.
    this.#now = maxAgeMs === Infinity ? () => 0 : now
  }

  /**
   * A signal for work that nobody can abandon, and that did not ask for a signal: it costs as much as a hundred
   * joins to make one, so all such work shares this one, which never aborts.
   */
  get never(): AbortSignal {
    this.#never ??= new AbortController().signal
    return this.#never
  }

  /** The flight of `key`, unless it is too old. Throws if the caller is the flight's own run. */
  find(key: K, signal: AbortSignal | undefined): Flight<V> | undefined {
    const flight = this.byKey.get(key)
    if (!flight || this.#now() - flight.startedAt > this.#maxAgeMs) return undefined
    if (flight.starting || (signal && this.#waitsFor(flight, signal))) {
      throw new SingleFlightError(
        'reentrant',
        `the run of ${describe(key)} asked for its own key: it would wait for ever`,
      )
    }
    return flight
  }

  /** Lists a new flight, in place of one that is too old. */
  open(key: K, work: Work | undefined): Flight<V> {
    const flight = new Flight<V>(this.#now(), work, this.#departures, () => {
      // A flight that was forgotten or replaced must leave its successor alone.
      if (this.byKey.get(key) === flight) this.byKey.delete(key)
    })
    this.byKey.set(key, flight)
    return flight
  }

  /**
   * Whether the run of `flight` is the one that was given `signal`, or waits for it.
   *
   * Known for runs that pass their signal on to the calls they make.
   */
  #waitsFor(flight: Flight<V>, signal: AbortSignal): boolean {
    const own = flight.work?.signal
    if (own === signal) return true
    for (const seat of this.#departures.of(own)) if (this.#waitsFor(seat.flight, signal)) return true
    return false
  }
}

function describe(key: unknown): string {
  return typeof key === 'object' || typeof key === 'function' ? `an ${typeof key}` : String(key)
}
