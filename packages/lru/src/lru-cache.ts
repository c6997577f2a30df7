import { createClock } from './clock.ts'
import { EntryTable, MAX_ENTRIES } from './entry-table.ts'
import { EvictionOrder } from './eviction-order.ts'
import {
  type Bounds,
  checkSetOptions,
  checkSize,
  type LRUCacheOptions,
  type RemovalReason,
  resolveBounds,
  resolveOptions,
  type SetOptions,
} from './options.ts'
import { refuse } from './refuse.ts'
import { Removals } from './removals.ts'
import { type LoadOptions, resolveSnapshot, type SnapshotEntry } from './snapshot.ts'
import type { CacheStats } from './stats.ts'

/** Slots to begin with, if the bound on entries allows as many. */
const FIRST_CAPACITY = 16

/**
 * A cache in memory, bounded by entries, by bytes, or by both, whose entries may expire.
 *
 * After every operation `bytes` is the sum of the sizes of the entries and at most `maxBytes`, and `size` is at
 * most `maxEntries`. Keys are compared as a `Map` compares them. No timer ever runs: an expired entry is never
 * read again, and leaves when an operation on its key, an eviction, `pop` or `purgeExpired` meets it.
 *
 * The entries live in an `EntryTable`, their order in an `EvictionOrder`; both speak of slots, and this class
 * keeps the two in step, counts, and tells `onRemove`.
 */
export class LRUCache<K, V> {
  readonly #policy: 'lru' | 'sieve'
  readonly #sizeOf: ((value: V, key: K) => number) | undefined
  readonly #ttlMs: number
  readonly #now: () => number
  readonly #removals: Removals<K, V> | undefined
  #maxEntries: number
  #maxBytes: number
  #table: EntryTable<K, V>
  #order: EvictionOrder
  readonly #stats = { hits: 0, misses: 0, evictions: 0, expirations: 0, rejections: 0 }

  /** Throws a `TypeError` or a `RangeError` that names the option and the value received. */
  constructor(options: LRUCacheOptions<K, V>) {
    const resolved = resolveOptions(options)
    this.#policy = resolved.policy
    this.#sizeOf = resolved.sizeOf
    this.#ttlMs = resolved.ttlMs
    this.#now = resolved.now ?? createClock()
    this.#removals = resolved.onRemove && new Removals(resolved.onRemove)
    this.#maxEntries = resolved.maxEntries
    this.#maxBytes = resolved.maxBytes
    const capacity = nextCapacity(0, this.#maxEntries)
    this.#table = new EntryTable(capacity)
    this.#order = new EvictionOrder(this.#policy, capacity)
  }

  /** The entries held, those included that have expired and were not met since. */
  get size(): number {
    return this.#table.size
  }

  /** The sum of the sizes of the entries held. */
  get bytes(): number {
    return this.#table.bytes
  }

  /** The most entries held; `Infinity` if only bytes are bounded. */
  get maxEntries(): number {
    return this.#maxEntries
  }

  /** The most bytes held; `Infinity` if only entries are bounded. */
  get maxBytes(): number {
    return this.#maxBytes
  }

  /** The counters as they are now: a copy, which does not change. */
  get stats(): CacheStats {
    return { ...this.#stats }
  }

  /** The value of a key, or `undefined`. Counts a hit or a miss, and a hit as a use of the entry. */
  get(key: K): V | undefined {
    const slot = this.#table.find(key)
    if (slot !== undefined && this.#isLive(slot)) {
      this.#stats.hits++
      this.#order.touch(slot)
      return this.#table.valueAt(slot)
    }
    this.#stats.misses++
    if (slot !== undefined) this.#expire(slot)
    return undefined
  }

  /** The value of a key, or `undefined`. Counts nothing, and is no use of the entry. */
  peek(key: K): V | undefined {
    const slot = this.#findLive(key)
    return slot === undefined ? undefined : this.#table.valueAt(slot)
  }

  /** Is there an entry? Tells a stored `undefined` from none. Counts nothing, and is no use of the entry. */
  has(key: K): boolean {
    return this.#findLive(key) !== undefined
  }

  /**
   * Stores a value as the most recent entry, and evicts what no longer fits.
   *
   * Returns false, and stores nothing, if the value alone is larger than `maxBytes`. Nothing is evicted for it,
   * but the old entry of the same key leaves: it is no longer what the caller wants to read.
   *
   * Throws, and changes nothing, if `ttlMs` or the size is not valid, or if `sizeOf` throws.
   */
  set(key: K, value: V, options?: SetOptions): boolean {
    if (options !== undefined) checkSetOptions(options)
    const size = this.#sizeFor(key, value, options?.size)
    const ttlMs = options?.ttlMs ?? this.#ttlMs
    const stored = this.#store(key, value, size, ttlMs)
    this.#removals?.tell()
    return stored
  }

  /** Removes an entry. Returns false if there was none, or only an expired one. */
  delete(key: K): boolean {
    const slot = this.#findLive(key)
    if (slot === undefined) return false
    this.#remove(slot, 'deleted')
    this.#removals?.tell()
    return true
  }

  /** Removes and returns the entry that would be evicted next: with `'lru'`, the least recently used one. */
  pop(): [K, V] | undefined {
    const now = this.#readClock()
    let popped: [K, V] | undefined
    while (popped === undefined && this.#table.size > 0) {
      const slot = this.#order.victim(0)
      if (this.#table.deadlineAt(slot) > now) {
        popped = [this.#table.keyAt(slot), this.#table.valueAt(slot)]
        this.#remove(slot, 'deleted')
      } else {
        this.#remove(slot, 'expired')
      }
    }
    this.#removals?.tell()
    return popped
  }

  /** Removes every entry, and gives their memory back. The counters stay as they are. */
  clear(): void {
    this.#empty()
    this.#removals?.tell()
  }

  /** Changes the bounds; one that is left out stays. Evicts what no longer fits. */
  resize(bounds: Bounds): void {
    const { maxEntries, maxBytes } = resolveBounds('bounds', bounds, this)
    const now = this.#readClock()
    this.#maxEntries = maxEntries
    this.#maxBytes = maxBytes
    this.#makeRoom(0, 0, 0, now)
    this.#removals?.tell()
  }

  /** Removes every entry that has expired, and returns how many there were. Looks at each entry. */
  purgeExpired(): number {
    const now = this.#readClock()
    const order = this.#order
    let purged = 0
    for (let slot = order.after(0); slot !== 0; ) {
      const next = order.after(slot)
      if (!(this.#table.deadlineAt(slot) > now)) {
        this.#remove(slot, 'expired')
        purged++
      }
      slot = next
    }
    this.#removals?.tell()
    return purged
  }

  /** How much longer an entry lives, in milliseconds; `Infinity` if it does not expire, `undefined` if there is none. */
  remainingTtlMs(key: K): number | undefined {
    const now = this.#readClock()
    const slot = this.#table.find(key)
    if (slot === undefined) return undefined
    const remaining = this.#table.deadlineAt(slot) - now
    if (remaining > 0) return remaining
    this.#expire(slot)
    return undefined
  }

  /**
   * The keys, the most recent first; with `'sieve'`, the last added first.
   *
   * Iterating is no use of an entry, counts nothing, and skips what has expired. The cache may be changed
   * meanwhile: each entry that is held from the second step to its turn is visited once, wherever it moves.
   * The second step copies the list of keys; the first is cheap.
   */
  *keys(): Generator<K, undefined, undefined> {
    for (const slot of this.#walk()) yield this.#table.keyAt(slot)
  }

  /** The values, in the order of `keys`. */
  *values(): Generator<V, undefined, undefined> {
    for (const slot of this.#walk()) yield this.#table.valueAt(slot)
  }

  /** The keys with their values, in the order of `keys`. */
  *entries(): Generator<[K, V], undefined, undefined> {
    for (const slot of this.#walk()) yield [this.#table.keyAt(slot), this.#table.valueAt(slot)]
  }

  /** The same as `entries`. */
  [Symbol.iterator](): Generator<[K, V], undefined, undefined> {
    return this.entries()
  }

  /** The live entries, the most recent first, with their sizes and the time they have left: what `load` takes. */
  dump(): SnapshotEntry<K, V>[] {
    const now = this.#readClock()
    const order = this.#order
    const snapshot: SnapshotEntry<K, V>[] = []
    for (let slot = order.after(0); slot !== 0; slot = order.after(slot)) {
      const ttlMs = this.#table.deadlineAt(slot) - now
      if (!(ttlMs > 0)) continue
      snapshot.push({
        key: this.#table.keyAt(slot),
        value: this.#table.valueAt(slot),
        size: this.#table.sizeAt(slot),
        ...(ttlMs !== Infinity && { ttlMs }),
        ...(this.#order.isMarked(slot) && { used: true }),
      })
    }
    return snapshot
  }

  /**
   * Empties the cache, then stores the entries of a snapshot, in its order. Of a snapshot that is larger than the
   * bounds, what would be evicted first is left out.
   *
   * Throws, and changes nothing, if the snapshot is not valid.
   */
  load(snapshot: Iterable<SnapshotEntry<K, V>>, options: LoadOptions = {}): void {
    const entries = resolveSnapshot(snapshot, options)
    const sizes = entries.map(({ key, value, size }) => this.#sizeFor(key, value, size))
    this.#empty()
    for (let i = entries.length - 1; i >= 0; i--) {
      const { key, value, ttlMs = Infinity, used } = entries[i]!
      if (this.#store(key, value, sizes[i]!, ttlMs) && used) this.#order.touch(this.#table.find(key)!)
    }
    this.#removals?.tell()
  }

  #isLive(slot: number): boolean {
    const deadline = this.#table.deadlineAt(slot)
    return deadline === Infinity || deadline > this.#now()
  }

  /** The time, or any time while no entry expires. */
  #readClock(): number {
    return this.#table.expires ? this.#now() : 0
  }

  #findLive(key: K): number | undefined {
    const slot = this.#table.find(key)
    if (slot === undefined || this.#isLive(slot)) return slot
    this.#expire(slot)
    return undefined
  }

  #sizeFor(key: K, value: V, given: number | undefined): number {
    if (given !== undefined) return given
    if (this.#sizeOf === undefined) {
      if (this.#maxBytes === Infinity) return 0
      throw new TypeError('with maxBytes, set needs options.size or the cache needs sizeOf, got neither')
    }
    const size = this.#sizeOf(value, key)
    checkSize('what sizeOf returns', size)
    return size
  }

  #store(key: K, value: V, size: number, ttlMs: number): boolean {
    let now = 0
    let deadline = Infinity
    if (ttlMs !== Infinity) {
      now = this.#now()
      if (!Number.isFinite(now)) refuse('what now returns', 'a finite number', now)
      deadline = now + ttlMs
    } else now = this.#readClock()

    let slot = this.#table.find(key)
    if (slot !== undefined && !(this.#table.deadlineAt(slot) > now)) {
      this.#remove(slot, 'expired')
      slot = undefined
    }
    if (size > this.#maxBytes) {
      this.#stats.rejections++
      if (slot !== undefined) this.#remove(slot, 'replaced')
      return false
    }
    if (slot === undefined) {
      this.#makeRoom(1, size, 0, now)
      if (this.#table.isFull) this.#grow()
      this.#order.add(this.#table.add(key, value, size, deadline))
    } else {
      this.#order.touch(slot)
      this.#makeRoom(0, size - this.#table.sizeAt(slot), slot, now)
      const old = this.#table.valueAt(slot)
      // The same value again is no removal: a callback that closes what it is given would close it in use.
      if (!Object.is(old, value)) this.#removals?.add(key, old, 'replaced')
      this.#table.replace(slot, value, size, deadline)
    }
    return true
  }

  /** Evicts until there is room for so many entries and bytes more, but never the slot to keep. */
  #makeRoom(entries: number, bytes: number, keep: number, now: number): void {
    const entryLimit = Math.min(this.#maxEntries, MAX_ENTRIES) - entries
    const byteLimit = Math.min(this.#maxBytes, Number.MAX_SAFE_INTEGER) - bytes
    while (this.#table.size > entryLimit || this.#table.bytes > byteLimit) {
      const slot = this.#order.victim(keep)
      this.#remove(slot, this.#table.deadlineAt(slot) > now ? 'evicted' : 'expired')
    }
  }

  #expire(slot: number): void {
    this.#remove(slot, 'expired')
    this.#removals?.tell()
  }

  #remove(slot: number, reason: RemovalReason): void {
    if (reason === 'evicted') this.#stats.evictions++
    else if (reason === 'expired') this.#stats.expirations++
    this.#removals?.add(this.#table.keyAt(slot), this.#table.valueAt(slot), reason)
    this.#order.remove(slot)
    this.#table.remove(slot)
  }

  #empty(): void {
    if (this.#removals !== undefined) {
      const order = this.#order
      for (let slot = order.after(0); slot !== 0; slot = order.after(slot)) {
        this.#removals.add(this.#table.keyAt(slot), this.#table.valueAt(slot), 'cleared')
      }
    }
    const capacity = nextCapacity(0, this.#maxEntries)
    this.#table = new EntryTable(capacity)
    this.#order = new EvictionOrder(this.#policy, capacity)
  }

  #grow(): void {
    const capacity = nextCapacity(this.#table.size, this.#maxEntries)
    this.#table.grow(capacity)
    this.#order.grow(capacity)
  }

  *#walk(): Generator<number, undefined, undefined> {
    const newest = this.#order.after(0)
    if (newest === 0) return
    const first = this.#table.keyAt(newest)
    const visited = this.#isLive(newest)
    if (visited) yield newest

    const keys: K[] = []
    for (let slot = this.#order.after(0); slot !== 0; slot = this.#order.after(slot)) {
      keys.push(this.#table.keyAt(slot))
    }
    for (const key of keys) {
      if (visited && Object.is(key, first)) continue
      const slot = this.#table.find(key)
      if (slot !== undefined && this.#isLive(slot)) yield slot
    }
  }
}

/** Room for half as many entries again, not beyond what may be held, and for slot 0. */
function nextCapacity(entries: number, maxEntries: number): number {
  return Math.min(Math.max(FIRST_CAPACITY, Math.ceil(entries * 1.5)), maxEntries, MAX_ENTRIES) + 1
}
