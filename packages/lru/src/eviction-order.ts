import type { SlotList } from './slot-list.ts'

/** The order in which entries are evicted. What it is told about is slots; it knows nothing of what they hold. */
export interface EvictionOrder {
  /** Every slot, the most recent first. */
  readonly list: SlotList
  /** A slot has a new entry. */
  add(slot: number): void
  /** The entry of a slot was used. */
  touch(slot: number): void
  /** The slot to evict next, never `keep`. There is one other than `keep`. */
  victim(keep: number): number
  /** The entry of a slot is gone. */
  remove(slot: number): void
  /** Was the entry used since it was added, as far as the list does not show it? */
  isMarked(slot: number): boolean
  grow(capacity: number): void
}
