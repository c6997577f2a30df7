import { EvictionOrder } from './eviction-order.ts'
import { grown } from './grown.ts'

/**
 * The most entries a cache holds, whatever its bounds. A `Map` whose entries come and go keeps room for twice as
 * many, and throws when that is more than 2^24.
 */
export const MAX_ENTRIES: number = 2 ** 23

const MAX_UINT32 = 2 ** 32 - 1

/**
 * The entries of a cache in numbered slots: a `Map` leads from a key to its slot, and parallel arrays hold what
 * belongs to the slot. An entry is thus no object of its own, which would take more memory and more of the
 * collector's time. Slots are numbered from 1.
 */
export class EntryTable<K, V> {
  readonly order: EvictionOrder
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
  readonly #freed: number[] = []
  #capacity = 1

  constructor(policy: 'lru' | 'sieve', maxEntries: number) {
    this.order = new EvictionOrder(policy)
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
    return this.#deadlines === undefined ? Infinity : this.#deadlines[slot]!
  }

  /** Stores an entry whose key is not in the table, as the most recent one, and returns its slot. */
  add(key: K, value: V, size: number, deadline: number): number {
    const slot = this.#freed.pop() ?? this.#index.size + 1
    if (slot === this.#capacity) this.#grow()
    this.#index.set(key, slot)
    this.#keys[slot] = key
    this.#fill(slot, value, size, deadline)
    this.order.add(slot)
    return slot
  }

  /** Gives an entry another value; its place in the order stays. */
  replace(slot: number, value: V, size: number, deadline: number): void {
    this.bytes -= this.#sizes[slot]!
    this.#fill(slot, value, size, deadline)
  }

  remove(slot: number): void {
    this.order.remove(slot)
    this.bytes -= this.#sizes[slot]!
    this.#index.delete(this.#keys[slot] as K)
    // The collector must not reach what is gone.
    this.#keys[slot] = undefined
    this.#values[slot] = undefined
    this.#freed.push(slot)
  }

  #fill(slot: number, value: V, size: number, deadline: number): void {
    this.bytes += size
    if (size > MAX_UINT32 && this.#sizes instanceof Uint32Array) this.#sizes = Float64Array.from(this.#sizes)
    this.#sizes[slot] = size
    this.#values[slot] = value
    if (deadline !== Infinity) this.#deadlines ??= new Float64Array(this.#capacity).fill(Infinity)
    if (this.#deadlines !== undefined) this.#deadlines[slot] = deadline
  }

  /**
   * By more than half, since V8 gives an array that grows by less than that more room than was asked for; and all
   * the way at once if that is not much further. The `Map` grows at other sizes, so its pauses are not made longer.
   */
  #grow(): void {
    const most = this.maxEntries + 1
    const next = Math.ceil(this.#capacity * 1.6)
    const capacity = next * 1.6 < most ? next : most
    this.#capacity = capacity
    this.#keys.length = capacity
    this.#values.length = capacity
    this.#sizes = grown(this.#sizes, capacity)
    this.#deadlines &&= grown(this.#deadlines, capacity)
    this.order.grow(capacity)
  }
}
