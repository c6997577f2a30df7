import type { Flight } from './flight.ts'

/**
 * The flights under way, by key.
 *
 * Not a Map of flights: one that is filled and emptied all the time outgrows one table after the other in V8, and each
 * holds on to the next and to what was in it. So flights, and whoever waited for them, would survive many collections
 * after their end. These tables hold numbers, and the flights are in a list.
 */
export class FlightTable<K, V> {
  readonly #places = new Map<K, number>()
  readonly #flights: (Flight<V> | undefined)[] = []
  readonly #free: number[] = []

  get size(): number {
    return this.#places.size
  }

  get(key: K): Flight<V> | undefined {
    return this.#flights[this.#places.get(key) as number]
  }

  set(key: K, flight: Flight<V>): void {
    const place = this.#places.get(key) ?? this.#free.pop() ?? this.#flights.length
    this.#places.set(key, place)
    this.#flights[place] = flight
  }

  delete(key: K): boolean {
    const place = this.#places.get(key)
    if (place === undefined) return false
    this.#flights[place] = undefined
    this.#free.push(place)
    return this.#places.delete(key)
  }
}
