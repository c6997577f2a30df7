import { Clock } from './clock.ts'
import { EntryTable, MAX_BYTES, MAX_ENTRIES } from './entry-table.ts'
import {
  type Bounds,
  checkInteger,
  checkSetOptions,
  type LRUCacheOptions,
  type RemovalReason,
  type ResolvedBounds,
  type ResolvedOptions,
  resolveBounds,
  resolveOptions,
  type SetOptions,
} from './options.ts'
import { refuse } from './refuse.ts'
import { Removals } from './removals.ts'
import { type LoadOptions, resolveSnapshot, type SnapshotEntry } from './snapshot.ts'
import type { CacheStats } from './stats.ts'

/**
 * A cache in memory, bounded by entries, by bytes, or by both, whose entries may expire.
 *
 * After every operation `bytes` is the sum of the sizes of the entries and at most `maxBytes`, and `size` is at
 * most `maxEntries`. Keys are compared as a `Map` compares them. No timer ever runs: an expired entry is never
 * read again, and leaves when an operation on its key, an eviction, `pop` or `purgeExpired` meets it.
 */
// The table holds the entries and their order, and knows no rules. This class has the rules: what must leave,
// what has expired, what is counted, and when onRemove is told.
export class LRUCache<K, V> {
  readonly #options: ResolvedOptions<K, V>
  readonly #clock: Clock
  readonly #removals: Removals<K, V>
  readonly #stats = { hits: 0, misses: 0, evictions: 0, expirations: 0, rejections: 0 }
  #bounds: ResolvedBounds
  #table: EntryTable<K, V>

  /** Throws a `TypeError` or a `RangeError` that names the option and the value received. */
  constructor(options: LRUCacheOptions<K, V>) {
    this.#bounds = this.#options = resolveOptions(options)
    this.#clock = new Clock(this.#options.now)
    this.#removals = new Removals(this.#options.onRemove)
    this.#table = new EntryTable(this.#options.policy, this.#bounds.maxEntries)
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
    return this.#bounds.maxEntries
  }

  /** The most bytes held; `Infinity` if only entries are bounded. */
  get maxBytes(): number {
    return this.#bounds.maxBytes
  }

  /** The counters as they are now: a copy, which does not change. */
  get stats(): CacheStats {
    return { ...this.#stats }
  }

  /** The value of a key, or `undefined`. Counts a hit or a miss, and a hit as a use of the entry. */
  get(key: K): V | undefined {
    const slot = this.#findLive(key)
    if (slot === undefined) {
      this.#stats.misses++
      return undefined
    }
    this.#stats.hits++
    this.#table.touch(slot)
    return this.#table.valueAt(slot)
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
    const ttlMs = options?.ttlMs ?? this.#options.ttlMs
    const slot = this.#store(key, value, size, ttlMs)
    this.#removals.tell()
    return slot !== undefined
  }

  /** Removes an entry. Returns false if there was none, or only an expired one. */
  delete(key: K): boolean {
    const slot = this.#findLive(key)
    if (slot === undefined) return false
    this.#remove(slot, 'deleted')
    this.#removals.tell()
    return true
  }

  /** Removes and returns the entry that would be evicted next: with `'lru'`, the least recently used one. */
  pop(): [K, V] | undefined {
    this.#clock.now()
    const table = this.#table
    let popped: [K, V] | undefined
    while (popped === undefined && table.size > 0) {
      const slot = table.victim(0)
      if (this.#isLive(slot)) popped = [table.keyAt(slot), table.valueAt(slot)]
      this.#remove(slot, popped ? 'deleted' : 'expired')
    }
    this.#removals.tell()
    return popped
  }

  /** Removes every entry, and gives their memory back. The counters stay as they are. */
  clear(): void {
    this.#empty()
    this.#removals.tell()
  }

  /** Changes the bounds; one that is left out stays. Evicts what no longer fits. */
  resize(bounds: Bounds): void {
    const resolved = resolveBounds(bounds, this.#bounds)
    this.#clock.now()
    this.#bounds = resolved
    this.#table.maxEntries = resolved.maxEntries
    this.#makeRoom(0, 0, 0)
    this.#removals.tell()
  }

  /** Removes every entry that has expired, and returns how many there were. Looks at each entry. */
  purgeExpired(): number {
    this.#clock.now()
    const expired = this.#table.slots().filter((slot) => !this.#isLive(slot))
    for (const slot of expired) this.#remove(slot, 'expired')
    this.#removals.tell()
    return expired.length
  }

  /** The milliseconds an entry has left; `Infinity` if it never expires, `undefined` if there is none. */
  remainingTtlMs(key: K): number | undefined {
    const slot = this.#findLive(key)
    return slot === undefined ? undefined : this.#table.deadlineAt(slot) - this.#clock.reading
  }

  /**
   * The keys, the most recent first; with `'sieve'`, the last added first.
   *
   * Iterating is no use of an entry, counts nothing, and skips what has expired. The cache may be changed
   * meanwhile: each entry held at the first step and still held at its turn is visited once, wherever it has
   * moved, and no other. The first step copies the list of keys.
   */
  *keys(): Generator<K, undefined, undefined> {
    for (const [key] of this) yield key
  }

  /** The values, in the order of `keys`. */
  *values(): Generator<V, undefined, undefined> {
    for (const [, value] of this) yield value
  }

  /** The keys with their values, in the order of `keys`. */
  *entries(): Generator<[K, V], undefined, undefined> {
    // The cache may change before each step, so what is walked is keys, which do not move.
    for (const key of this.#table.slots().map((slot) => this.#table.keyAt(slot))) {
      const slot = this.#table.find(key)
      this.#clock.now()
      if (slot !== undefined && this.#isLive(slot)) yield [key, this.#table.valueAt(slot)]
    }
  }

  /** The same as `entries`. */
  [Symbol.iterator](): Generator<[K, V], undefined, undefined> {
    return this.entries()
  }

  /** The live entries, the most recent first, with their sizes and the time they have left: what `load` takes. */
  dump(): SnapshotEntry<K, V>[] {
    this.#clock.now()
    const table = this.#table
    return table
      .slots()
      .filter((slot) => this.#isLive(slot))
      .map((slot) => {
        const ttlMs = table.deadlineAt(slot) - this.#clock.reading
        return {
          key: table.keyAt(slot),
          value: table.valueAt(slot),
          size: table.sizeAt(slot),
          ttlMs: ttlMs === Infinity ? undefined : ttlMs,
          used: table.isMarked(slot) || undefined,
        }
      })
  }

  /**
   * Empties the cache, then stores the entries of a snapshot, in its order. Of a snapshot that is larger than the
   * bounds, what would be evicted first is left out.
   *
   * Throws, and changes nothing, if the snapshot is not valid.
   */
  load(snapshot: Iterable<SnapshotEntry<K, V>>, options: LoadOptions = {}): void {
    const entries = resolveSnapshot(snapshot, options, ({ key, value, size }) =>
      this.#sizeFor(key, value, size),
    )
    this.#empty()
    for (const { key, value, size, ttlMs, used } of entries.reverse()) {
      const slot = this.#store(key, value, size, ttlMs)
      if (slot !== undefined && used) this.#table.touch(slot)
    }
    this.#removals.tell()
  }

  /** Was an entry live when the clock was read last? An operation reads it once, however many entries it looks at. */
  #isLive(slot: number): boolean {
    return this.#table.deadlineAt(slot) > this.#clock.reading
  }

  #findLive(key: K): number | undefined {
    const slot = this.#table.find(key)
    if (slot === undefined) return undefined
    const deadline = this.#table.deadlineAt(slot)
    // A look-up of what never expires needs no clock.
    if (deadline === Infinity || deadline > this.#clock.now()) return slot
    this.#remove(slot, 'expired')
    this.#removals.tell()
    return undefined
  }

  #sizeFor(key: K, value: V, given: number | undefined): number {
    if (given !== undefined) return given
    const { sizeOf } = this.#options
    if (sizeOf !== undefined) return checkInteger('sizeOf()', 0, sizeOf(value, key))
    return this.#bounds.maxBytes === Infinity ? 0 : refuse('sizeOf or size', 'given')
  }

  /** `set`, but for the checks and for telling `onRemove`. Returns the slot; `undefined` if the value is too large. */
  #store(key: K, value: V, size: number, ttlMs: number): number | undefined {
    const table = this.#table
    // A set needs no clock while nothing can expire.
    if (ttlMs !== Infinity || table.expires) this.#clock.now()
    let slot = table.find(key)
    if (slot !== undefined && !this.#isLive(slot)) {
      this.#remove(slot, 'expired')
      slot = undefined
    }
    if (size > this.#bounds.maxBytes) {
      this.#stats.rejections++
      if (slot !== undefined) this.#remove(slot, 'replaced')
      return undefined
    }
    if (slot === undefined) {
      this.#makeRoom(1, size, 0)
      slot = table.add(key, value, size)
    } else {
      const old = table.valueAt(slot)
      // The same value again is no removal: a callback that closes what it is told of would close it in use.
      if (!Object.is(old, value)) this.#removals.add(old, key, 'replaced')
      table.touch(slot)
      this.#makeRoom(0, size - table.sizeAt(slot), slot)
      table.replace(slot, value, size)
    }
    table.expireAt(slot, this.#clock.reading + ttlMs)
    return slot
  }

  /** Evicts until there is room for so many entries and bytes more, but never the slot to keep. */
  #makeRoom(entries: number, bytes: number, keep: number): void {
    const table = this.#table
    const entryLimit = Math.min(this.#bounds.maxEntries, MAX_ENTRIES) - entries
    const byteLimit = Math.min(this.#bounds.maxBytes, MAX_BYTES) - bytes
    while (table.size > entryLimit || table.bytes > byteLimit) {
      const slot = table.victim(keep)
      this.#remove(slot, this.#isLive(slot) ? 'evicted' : 'expired')
    }
  }

  #remove(slot: number, reason: RemovalReason): void {
    if (reason === 'evicted') this.#stats.evictions++
    else if (reason === 'expired') this.#stats.expirations++
    this.#removals.add(this.#table.valueAt(slot), this.#table.keyAt(slot), reason)
    this.#table.remove(slot)
  }

  #empty(): void {
    for (const slot of this.#table.slots())
      this.#removals.add(this.#table.valueAt(slot), this.#table.keyAt(slot), 'cleared')
    this.#table = new EntryTable(this.#options.policy, this.#bounds.maxEntries)
  }
}
