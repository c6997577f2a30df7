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

  /** Gives `key`, which has none, a slot that holds `value`. */
  add(key: string, value: V): number {
    const slot = this.#free.pop() ?? this.#values.length
    this.#slots.set(key, slot)
    this.#values[slot] = value
    return slot
  }

  /** What a slot holds that was given to a key, at no look-up. */
  at(slot: number): V | undefined {
    return this.#values[slot]
  }

  /** Lets a slot that was given to a key hold another value. */
  put(slot: number, value: V): void {
    this.#values[slot] = value
  }

  /** Takes its slot from `key`. */
  delete(key: string, slot: number | undefined = this.#slots.get(key)): void {
    if (slot === undefined || !this.#slots.delete(key)) return
    this.#values[slot] = undefined
    this.#free.push(slot)
  }

  values(): V[] {
    return [...this.#slots.values()].map((slot) => this.#values[slot] as V)
  }
}
