import { grown } from './grown.ts'

const MAX_UINT32 = 2 ** 32 - 1

/**
 * The most entries a cache holds, whatever its bounds. A `Map` that gains and loses entries in turn doubles
 * itself at half of its own limit of 2^24, and throws when it cannot.
 */
export const MAX_ENTRIES: number = 2 ** 23

/**
 * The entries of a cache in numbered slots: a `Map` leads from a key to its slot, and parallel arrays hold what
 * belongs to the slot. An entry is thus no object of its own: it costs the collector nothing to walk.
 *
 * Slots are numbered from 1, so that a list of them can keep 0 for itself.
 */
export class EntryTable<K, V> {
  /** The sum of the sizes. */
  bytes = 0
  #index = new Map<K, number>()
  // Slot 0 holds undefined, which keeps V8 from choosing an element kind by the first keys and values.
  #keys: (K | undefined)[] = [undefined]
  #values: (V | undefined)[] = [undefined]
  // 4 bytes an entry until one needs more.
  #sizes: Uint32Array | Float64Array
  /** When each entry expires; absent until the first one that does. */
  #deadlines: Float64Array | undefined
  #freed: number[] = []
  #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
    this.#sizes = new Uint32Array(capacity)
    this.#keys.length = capacity
    this.#values.length = capacity
  }

  get size(): number {
    return this.#index.size
  }

  /** Is there no slot for one more entry before `grow`? */
  get isFull(): boolean {
    return this.#index.size + 1 === this.#capacity
  }

  /** Does any entry expire? */
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
    return this.#deadlines === undefined ? Infinity : this.#deadlines[slot]!
  }

  /** Stores an entry whose key is not in the table, and says where. */
  add(key: K, value: V, size: number, deadline: number): number {
    const slot = this.#freed.pop() ?? this.#index.size + 1
    this.#index.set(key, slot)
    this.#keys[slot] = key
    this.#fill(slot, value, size, deadline)
    return slot
  }

  replace(slot: number, value: V, size: number, deadline: number): void {
    this.bytes -= this.#sizes[slot]!
    this.#fill(slot, value, size, deadline)
  }

  remove(slot: number): void {
    this.bytes -= this.#sizes[slot]!
    this.#index.delete(this.#keys[slot] as K)
    // The collector must not find what is gone.
    this.#keys[slot] = undefined
    this.#values[slot] = undefined
    this.#freed.push(slot)
  }

  grow(capacity: number): void {
    this.#capacity = capacity
    this.#keys.length = capacity
    this.#values.length = capacity
    const isWide = this.#sizes instanceof Float64Array
    this.#sizes = grown(this.#sizes, isWide ? new Float64Array(capacity) : new Uint32Array(capacity))
    this.#deadlines &&= grown(this.#deadlines, never(capacity))
  }

  #fill(slot: number, value: V, size: number, deadline: number): void {
    this.bytes += size
    if (size > MAX_UINT32 && this.#sizes instanceof Uint32Array) this.#sizes = Float64Array.from(this.#sizes)
    this.#sizes[slot] = size
    this.#values[slot] = value
    if (deadline !== Infinity) this.#deadlines ??= never(this.#capacity)
    if (this.#deadlines !== undefined) this.#deadlines[slot] = deadline
  }
}

/** Deadlines that are never met. */
function never(capacity: number): Float64Array {
  return new Float64Array(capacity).fill(Infinity)
}
