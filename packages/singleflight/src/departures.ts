import type { Seat } from './flight.ts'

/**
 * Who leaves when which signal aborts.
 *
 * A signal carries one listener, however many wait on it, and none once nobody does: Node warns of a leak at the
 * eleventh listener, and a signal that lives as long as its process would keep every listener ever left on it.
 */
export class Departures<V> {
  readonly #seats = new Map<AbortSignal | undefined, Set<Seat<V>>>()

  /** The seats whose callers leave when `signal` aborts. */
  of(signal: AbortSignal | undefined): Iterable<Seat<V>> {
    return this.#seats.get(signal) ?? []
  }

  add(seat: Seat<V>): void {
    const { signal } = seat
    if (!signal) return
    let seats = this.#seats.get(signal)
    if (!seats) {
      seats = new Set()
      this.#seats.set(signal, seats)
      signal.addEventListener('abort', this.#onAbort)
    }
    seats.add(seat)
  }

  delete(seat: Seat<V>): void {
    const { signal } = seat
    const seats = this.#seats.get(signal)
    if (signal && seats?.delete(seat) && !seats.size) {
      this.#seats.delete(signal)
      signal.removeEventListener('abort', this.#onAbort)
    }
  }

  readonly #onAbort = (event: Event): void => {
    const signal = event.target as AbortSignal
    for (const seat of this.of(signal)) seat.flight.leave(seat, signal.reason)
  }
}
