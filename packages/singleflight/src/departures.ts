import type { Seat } from './flight.ts'

/**
 * Who leaves when which signal aborts.
 *
 * A signal carries one listener, however many wait on it, and none once nobody does: Node warns of a leak at the
 * eleventh listener, and a signal that lives as long as its process would keep every listener ever left on it.
 */
export class Departures<V> {
  readonly #seats = new Map<AbortSignal, Set<Seat<V>>>()

  /** The seats whose callers leave when `signal` aborts. */
  of(signal: AbortSignal): Iterable<Seat<V>> {
    return this.#seats.get(signal) ?? []
  }

  add(signal: AbortSignal, seat: Seat<V>): void {
    let seats = this.#seats.get(signal)
    if (!seats) {
      signal.addEventListener('abort', this)
      seats = new Set()
      this.#seats.set(signal, seats)
    }
    seats.add(seat)
  }

  delete(signal: AbortSignal, seat: Seat<V>): void {
    const seats = this.#seats.get(signal)
    if (seats?.delete(seat) && !seats.size) {
      signal.removeEventListener('abort', this)
      this.#seats.delete(signal)
    }
  }

  /** What makes this object itself the listener of all its signals. */
  handleEvent({ target }: Event): void {
    const signal = target as AbortSignal
    for (const seat of this.of(signal)) seat.leave(signal.reason)
  }
}
