import type { EvictionOrder } from './eviction-order.ts'
import { SlotList } from './slot-list.ts'

/** Strict LRU: each use moves an entry to the front, and the last one is evicted. */
export class LruOrder implements EvictionOrder {
  readonly list: SlotList

  constructor(capacity: number) {
    this.list = new SlotList(capacity)
  }

  add(slot: number): void {
    this.list.addFirst(slot)
  }

  touch(slot: number): void {
    if (this.list.after(0) === slot) return
    this.list.remove(slot)
    this.list.addFirst(slot)
  }

  /** The last slot: `keep` was touched, so it is the first. */
  victim(): number {
    return this.list.before(0)
  }

  remove(slot: number): void {
    this.list.remove(slot)
  }

  isMarked(): boolean {
    return false
  }

  grow(capacity: number): void {
    this.list.grow(capacity)
  }
}
