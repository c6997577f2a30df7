import { grown } from './grown.ts'

/**
 * The most entries a cache holds, whatever its bounds. A `Map` whose entries come and go keeps room for twice as
 * many, and throws when that is more than 2^24.
 */
export const MAX_ENTRIES: number = 2 ** 23

/** The most bytes, whatever its bounds: sums beyond are not exact. */
export const MAX_BYTES: number = 2 ** 53 - 1

const MAX_UINT32 = 2 ** 32 - 1

/**
 * The entries of a cache in numbered slots: a `Map` leads from a key to its slot, and parallel arrays hold what
 * belongs to the slot. An entry is thus no object of its own, which would take more memory and more of the
 * collector's time. Slots are numbered from 1.
 *
 * The table also has the order in which they are evicted, a doubly linked list of slots, the most recent first.
 * Strict LRU moves a slot to the front when it is used, and evicts the last one. SIEVE leaves it where it is and
 * marks it; a hand moves from the last slot to the first, again and again, takes the marks off, and evicts the
 * first slot that has none.
 *
 * Y. Zhang, J. Yang, Y. Yue, Y. Vigfusson, K. V. Rashmi: "SIEVE is Simpler than LRU: an Efficient Turn-Key
 * Eviction Algorithm for Web Caches", NSDI 2024.
 */
export class EntryTable<K, V> {
  /** The most entries that there will be: it does not grow beyond. */
  maxEntries: number
  /** The sum of the sizes. */
  bytes = 0
  readonly #index = new Map<K, number>()
  // The undefined keeps V8 from choosing a kind of array by the first keys and values, to change it later.
  readonly #keys: (K | undefined)[] = [undefined]
  readonly #values: (V | undefined)[] = [undefined]
  /** Four bytes an entry, until one needs more. */
  #sizes: Uint32Array | Float64Array = new Uint32Array(1)
  /** When each entry expires; absent until there is one that does. */
  #deadlines: Float64Array | undefined
  // The slot after slot s at 2s, the one before it at 2s + 1: side by side, since a move needs both. Slot 0 is
  // no entry; it closes the list into a circle, so neither end is a special case.
  #links = new Int32Array(2)
  /** A bit for each slot: was it used since the hand went past it? Absent with strict LRU. */
  #marks: Int32Array | undefined
  /** The slot the next sweep begins with; 0 to begin with the last one. */
  #hand = 0
  readonly #freed: number[] = []

  constructor(policy: 'lru' | 'sieve', maxEntries: number) {
    if (policy === 'sieve') this.#marks = new Int32Array(1)
    this.maxEntries = maxEntries
  }

  get size(): number {
    return this.#index.size
  }

  /** May any entry expire? */
  get expires(): boolean {
    return this.#deadlines !== undefined
  }

  find(key: K): number | undefined {
    return this.#index.get(key)
  }

  keyAt(slot: number): K {
    return this.#keys[slot] as K
  }

  valueAt(slot: number): V {
    return this.#values[slot] as V
  }

  sizeAt(slot: number): number {
    return this.#sizes[slot]!
  }

  deadlineAt(slot: number): number {
    // Not `Infinity`, a global that V8 looks up where it has not come by yet. It then takes the answer for any
    // value at all, and puts each deadline that is read into an object.
    return this.#deadlines === undefined ? 1 / 0 : this.#deadlines[slot]!
  }

  /** All slots, the most recent first. */
  slots(): number[] {
    const slots: number[] = []
    for (let slot = this.#links[0]!; slot !== 0; slot = this.#links[2 * slot]!) slots.push(slot)
    return slots
  }

  /** With SIEVE: has the slot a mark? */
  isMarked(slot: number): boolean {
    return this.#marks !== undefined && hasMark(this.#marks, slot)
  }

  /** The slot to evict next, never `keep`, which was touched just now. There must be another one. */
  victim(keep: number): number {
    const links = this.#links
    const marks = this.#marks
    if (marks === undefined) return links[1]!
    let slot = this.#hand
    while (slot === 0 || slot === keep || hasMark(marks, slot)) {
      unmark(marks, slot)
      slot = links[2 * slot + 1]!
    }
    this.#hand = slot
    return slot
  }

  /** Notes that an entry was used. */
  touch(slot: number): void {
    if (this.#marks !== undefined) this.#marks[slot >> 5]! |= 1 << slot
    else if (this.#links[0] !== slot) {
      this.#unlink(slot)
      this.#linkFirst(slot)
    }
  }

  /** Stores an entry whose key is not in the table, as the most recent one, and returns its slot. */
  add(key: K, value: V, size: number): number {
    const slot = this.#freed.pop() ?? this.#index.size + 1
    if (slot === this.#keys.length) this.#grow()
    this.#index.set(key, slot)
    this.#keys[slot] = key
    this.replace(slot, value, size)
    this.#linkFirst(slot)
    return slot
  }

  /** Gives an entry another value; its place in the order stays. */
  replace(slot: number, value: V | undefined, size: number): void {
    if (size > MAX_UINT32 && this.#sizes instanceof Uint32Array) this.#sizes = Float64Array.from(this.#sizes)
    this.bytes += size - this.#sizes[slot]!
    this.#sizes[slot] = size
    this.#values[slot] = value
  }

  /** Says when an entry expires, `Infinity` for never: for each entry that was added or replaced. */
  // No parameter of those: where V8 does not put a call in line, it passes a number with a fraction as an object.
  expireAt(slot: number, deadline: number): void {
    if (deadline !== Infinity) this.#deadlines ??= new Float64Array(this.#keys.length).fill(Infinity)
    if (this.#deadlines !== undefined) this.#deadlines[slot] = deadline
  }

  remove(slot: number): void {
    this.#unlink(slot)
    this.#index.delete(this.#keys[slot] as K)
    // The collector must not reach what is gone.
    this.#keys[slot] = undefined
    this.replace(slot, undefined, 0)
    this.#freed.push(slot)
  }

  #linkFirst(slot: number): void {
    const links = this.#links
    const first = links[0]!
    links[2 * slot] = first
    links[2 * slot + 1] = 0
    links[2 * first + 1] = slot
    links[0] = slot
  }

  #unlink(slot: number): void {
    const links = this.#links
    const after = links[2 * slot]!
    const before = links[2 * slot + 1]!
    links[2 * before] = after
    links[2 * after + 1] = before
    if (this.#hand === slot) this.#hand = before
    if (this.#marks !== undefined) unmark(this.#marks, slot)
  }

  /**
   * By more than half, since V8 gives an array that grows by less than that more room than was asked for; and all
   * the way at once if that is not much further. The `Map` grows at other sizes, so its pauses are not made longer.
   */
  #grow(): void {
    const most = this.maxEntries + 1
    const next = Math.ceil(this.#keys.length * 1.6)
    const capacity = next * 1.6 < most ? next : most
    this.#keys.length = capacity
    this.#values.length = capacity
    this.#sizes = grown(this.#sizes, capacity)
    this.#deadlines &&= grown(this.#deadlines, capacity)
    this.#links = grown(this.#links, 2 * capacity)
    this.#marks &&= grown(this.#marks, (capacity >> 5) + 1)
  }
}

// The mark of slot s is bit s % 32 of element s / 32: an eighth of a byte an entry, so hits find them in the
// processor's cache. A shift by s shifts by s % 32.
function hasMark(marks: Int32Array, slot: number): boolean {
  return (marks[slot >> 5]! & (1 << slot)) !== 0
}

function unmark(marks: Int32Array, slot: number): void {
  marks[slot >> 5]! &= ~(1 << slot)
}
