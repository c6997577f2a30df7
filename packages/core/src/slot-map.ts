/**
 * A Map from keys to what is under way, that leaves nothing behind.
 *
 * A Map of V8's that is filled and emptied all the time outgrows one table after the other, and each holds on to the
 * next. As soon as one of them has grown old, everything that was under way at some time survives, promises and all
 * that waited for them, until the next big collection: half of the time of a get was spent on that. So the tables here
 * hold numbers, and what they stand for is in a list.
 */
export class SlotMap<V> {
  readonly #slots = new Map<string, number>()
  readonly #values: (V | undefined)[] = []
  readonly #free: number[] = []

  get size(): number {
    return this.#slots.size
  }

  get(key: string): V | undefined {
    const slot = this.#slots.get(key)
    return slot === undefined ? undefined : this.#values[slot]
  }

  set(key: string, value: V): void {
    let slot = this.#slots.get(key)
    if (slot === undefined) {
      slot = this.#free.pop() ?? this.#values.length
      this.#slots.set(key, slot)
    }
    this.#values[slot] = value
  }

  delete(key: string): void {
    const slot = this.#slots.get(key)
    if (slot === undefined) return
    this.#slots.delete(key)
    this.#values[slot] = undefined
    this.#free.push(slot)
  }

  values(): V[] {
    return [...this.#slots.values()].map((slot) => this.#values[slot] as V)
  }
}
