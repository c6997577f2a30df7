import { grown } from './grown.ts'

/**
 * The order in which entries are evicted: a doubly linked list of their slots, the most recent first.
 *
 * Strict LRU moves a slot to the front when it is used, and evicts the last one. SIEVE leaves it where it is and
 * marks it; a hand moves from the last slot to the first, again and again, takes the marks off, and evicts the
 * first slot that has none.
 *
 * Y. Zhang, J. Yang, Y. Yue, Y. Vigfusson, K. V. Rashmi: "SIEVE is Simpler than LRU: an Efficient Turn-Key
 * Eviction Algorithm for Web Caches", NSDI 2024.
 */
export class EvictionOrder {
  // The slot after slot s at 2s, the one before it at 2s + 1: side by side, since a move needs both. Slot 0 is
  // no entry; it closes the list into a circle, so neither end is a special case.
  #links = new Uint32Array(2)
  /** 1 for each slot used since the hand went past it; absent with strict LRU. */
  #marks: Uint8Array | undefined
  /** The slot the next sweep begins with; 0 to begin with the last one. */
  #hand = 0

  constructor(policy: 'lru' | 'sieve') {
    if (policy === 'sieve') this.#marks = new Uint8Array(1)
  }

  /** All slots, the first one first. */
  slots(): number[] {
    const slots: number[] = []
    for (let slot = this.#links[0]!; slot !== 0; slot = this.#links[2 * slot]!) slots.push(slot)
    return slots
  }

  /** Puts a slot first. */
  add(slot: number): void {
    const links = this.#links
    const first = links[0]!
    links[2 * slot] = first
    links[2 * slot + 1] = 0
    links[2 * first + 1] = slot
    links[0] = slot
  }

  remove(slot: number): void {
    const links = this.#links
    const after = links[2 * slot]!
    const before = links[2 * slot + 1]!
    links[2 * before] = after
    links[2 * after + 1] = before
    if (this.#hand === slot) this.#hand = before
    if (this.#marks !== undefined) this.#marks[slot] = 0
  }

  /** Notes that the entry of a slot was used. */
  touch(slot: number): void {
    if (this.#marks !== undefined) this.#marks[slot] = 1
    else if (this.#links[0] !== slot) {
      this.remove(slot)
      this.add(slot)
    }
  }

  /** With SIEVE: has the slot a mark? */
  isMarked(slot: number): boolean {
    return this.#marks?.[slot] === 1
  }

  /** The slot to evict next, never `keep`, which was touched just now. There must be another one. */
  victim(keep: number): number {
    const marks = this.#marks
    if (marks === undefined) return this.#links[1]!
    let slot = this.#hand
    while (slot === 0 || slot === keep || marks[slot]) {
      marks[slot] = 0
      slot = this.#links[2 * slot + 1]!
    }
    this.#hand = slot
    return slot
  }

  grow(capacity: number): void {
    this.#links = grown(this.#links, 2 * capacity)
    this.#marks &&= grown(this.#marks, capacity)
  }
}
