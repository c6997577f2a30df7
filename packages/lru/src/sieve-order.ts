import type { EvictionOrder } from './eviction-order.ts'
import { SlotList } from './slot-list.ts'

/**
 * SIEVE: entries stay in the order they were added, and a use only marks them. A hand moves from the oldest to
 * the newest, takes the marks off, and evicts the first entry that has none.
 *
 * Y. Zhang, J. Yang, Y. Yue, Y. Vigfusson, K. V. Rashmi: "SIEVE is Simpler than LRU: an Efficient Turn-Key
 * Eviction Algorithm for Web Caches", NSDI 2024.
 */
export class SieveOrder implements EvictionOrder {
  readonly list: SlotList
  #marked: Uint8Array
  /** Where the next sweep starts; 0 for the oldest. */
  #hand = 0

  constructor(capacity: number) {
    this.list = new SlotList(capacity)
    this.#marked = new Uint8Array(capacity)
  }

  add(slot: number): void {
    this.list.addFirst(slot)
    this.#marked[slot] = 0
  }

  touch(slot: number): void {
    this.#marked[slot] = 1
  }

  victim(keep: number): number {
    let slot = this.#hand
    // Slot 0 is met at the start and between the newest and the oldest; it is no entry.
    while (slot === 0 || slot === keep || this.#marked[slot] === 1) {
      this.#marked[slot] = 0
      slot = this.list.before(slot)
    }
    this.#hand = slot
    return slot
  }

  remove(slot: number): void {
    if (this.#hand === slot) this.#hand = this.list.before(slot)
    this.list.remove(slot)
  }

  isMarked(slot: number): boolean {
    return this.#marked[slot] === 1
  }

  grow(capacity: number): void {
    this.list.grow(capacity)
    const larger = new Uint8Array(capacity)
    larger.set(this.#marked)
    this.#marked = larger
  }
}
