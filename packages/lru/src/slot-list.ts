/**
 * A doubly linked list of slot numbers over two typed arrays, newest first.
 *
 * Slot 0 is the list's own: it closes the list into a circle, so its `next` is the first slot, its `prev` the
 * last one, and no operation has a special case for either end.
 */
export class SlotList {
  #next: Uint32Array
  #prev: Uint32Array

  constructor(capacity: number) {
    this.#next = new Uint32Array(capacity)
    this.#prev = new Uint32Array(capacity)
  }

  /** The slot after `slot`, towards the oldest; 0 after the last. `after(0)` is the newest. */
  after(slot: number): number {
    return this.#next[slot]!
  }

  /** The slot before `slot`, towards the newest; 0 before the first. `before(0)` is the oldest. */
  before(slot: number): number {
    return this.#prev[slot]!
  }

  addFirst(slot: number): void {
    const first = this.#next[0]!
    this.#next[slot] = first
    this.#prev[slot] = 0
    this.#prev[first] = slot
    this.#next[0] = slot
  }

  remove(slot: number): void {
    const next = this.#next[slot]!
    const prev = this.#prev[slot]!
    this.#next[prev] = next
    this.#prev[next] = prev
  }

  grow(capacity: number): void {
    this.#next = grown(this.#next, capacity)
    this.#prev = grown(this.#prev, capacity)
  }
}

function grown(array: Uint32Array, capacity: number): Uint32Array {
  const larger = new Uint32Array(capacity)
  larger.set(array)
  return larger
}
