import type { Bounds, RemovalReason, SetOptions } from '../src/options.ts'
import type { LoadOptions, SnapshotEntry } from '../src/snapshot.ts'

/** A removal as `onRemove` is told it. */
export interface Removed<K, V> {
  readonly value: V
  readonly key: K
  readonly reason: RemovalReason
}

export interface NaiveOptions extends Bounds {
  readonly ttlMs?: number | undefined
  readonly policy: 'lru' | 'sieve'
}

interface Entry<K, V> {
  readonly key: K
  value: V
  size: number
  expiresAt: number
  used: boolean
}

/**
 * What the cache ought to do, written for reading: one array of entries, the most recent first, searched from
 * the start. Only tests use it.
 */
export class NaiveCache<K, V> {
  entries: Entry<K, V>[] = []
  readonly stats = { hits: 0, misses: 0, evictions: 0, expirations: 0, rejections: 0 }
  #maxEntries: number
  #maxBytes: number
  readonly #options: NaiveOptions
  readonly #sizeOf: (value: V) => number
  readonly #now: () => number
  readonly #onRemove: (removed: Removed<K, V>) => void
  /** SIEVE's hand: the entry to be looked at next; undefined for the oldest. */
  #hand: Entry<K, V> | undefined

  constructor(
    options: NaiveOptions,
    sizeOf: (value: V) => number,
    now: () => number,
    onRemove: (removed: Removed<K, V>) => void,
  ) {
    this.#options = options
    this.#maxEntries = options.maxEntries ?? Number.POSITIVE_INFINITY
    this.#maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY
    this.#sizeOf = sizeOf
    this.#now = now
    this.#onRemove = onRemove
  }

  get bytes(): number {
    return this.entries.reduce((sum, entry) => sum + entry.size, 0)
  }

  live(): Entry<K, V>[] {
    return this.entries.filter((entry) => entry.expiresAt > this.#now())
  }

  get(key: K): V | undefined {
    const entry = this.#meet(key)
    if (entry === undefined) {
      this.stats.misses++
      return undefined
    }
    this.stats.hits++
    this.#use(entry)
    return entry.value
  }

  peek(key: K): V | undefined {
    return this.#meet(key)?.value
  }

  has(key: K): boolean {
    return this.#meet(key) !== undefined
  }

  set(key: K, value: V, { ttlMs, size }: SetOptions = {}): boolean {
    return this.#set(key, value, size ?? this.#sizeOf(value), ttlMs ?? this.#options.ttlMs)
  }

  delete(key: K): boolean {
    const entry = this.#meet(key)
    if (entry !== undefined) this.#remove(entry, 'deleted')
    return entry !== undefined
  }

  pop(): [K, V] | undefined {
    while (this.entries.length > 0) {
      const entry = this.#victim()
      const isLive = entry.expiresAt > this.#now()
      this.#remove(entry, isLive ? 'deleted' : 'expired')
      if (isLive) return [entry.key, entry.value]
    }
    return undefined
  }

  clear(): void {
    this.#hand = undefined
    for (const entry of [...this.entries]) this.#remove(entry, 'cleared')
  }

  resize({ maxEntries, maxBytes }: Bounds): void {
    this.#maxEntries = maxEntries ?? this.#maxEntries
    this.#maxBytes = maxBytes ?? this.#maxBytes
    this.#evict()
  }

  purgeExpired(): number {
    const expired = this.entries.filter((entry) => !(entry.expiresAt > this.#now()))
    for (const entry of expired) this.#remove(entry, 'expired')
    return expired.length
  }

  remainingTtlMs(key: K): number | undefined {
    const entry = this.#meet(key)
    return entry && entry.expiresAt - this.#now()
  }

  /** The entries as they are at the first step, each if it is still there at its turn. */
  *iterate(): Generator<[K, V], undefined, undefined> {
    for (const { key } of [...this.entries]) {
      const entry = this.live().find((candidate) => Object.is(candidate.key, key))
      if (entry !== undefined) yield [entry.key, entry.value]
    }
  }

  dump(): SnapshotEntry<K, V>[] {
    return this.live().map(({ key, value, size, expiresAt, used }) => ({
      key,
      value,
      size,
      ...(Number.isFinite(expiresAt) && { ttlMs: expiresAt - this.#now() }),
      ...(used && { used }),
    }))
  }

  load(snapshot: SnapshotEntry<K, V>[], { elapsedMs = 0 }: LoadOptions = {}): void {
    this.clear()
    for (const { key, value, size, ttlMs = Number.POSITIVE_INFINITY, used } of snapshot.toReversed()) {
      if (!(ttlMs > elapsedMs)) continue
      if (this.#set(key, value, size ?? this.#sizeOf(value), ttlMs - elapsedMs) && used)
        this.#use(this.entries[0]!)
    }
  }

  #meet(key: K): Entry<K, V> | undefined {
    const entry = this.entries.find((candidate) => Object.is(candidate.key, key))
    if (entry === undefined || entry.expiresAt > this.#now()) return entry
    this.#remove(entry, 'expired')
    return undefined
  }

  #use(entry: Entry<K, V>): void {
    if (this.#options.policy === 'sieve') entry.used = true
    else this.entries = [entry, ...this.entries.filter((other) => other !== entry)]
  }

  #set(key: K, value: V, size: number, ttlMs = Number.POSITIVE_INFINITY): boolean {
    const old = this.#meet(key)
    if (size > this.#maxBytes) {
      this.stats.rejections++
      if (old !== undefined) this.#remove(old, 'replaced')
      return false
    }
    const expiresAt = this.#now() + ttlMs
    if (old === undefined) {
      const entry = { key, value, size, expiresAt, used: false }
      this.#evict(1, size)
      this.entries.unshift(entry)
    } else {
      if (!Object.is(old.value, value)) this.#onRemove({ value: old.value, key, reason: 'replaced' })
      this.#use(old)
      this.#evict(0, size - old.size, old)
      Object.assign(old, { value, size, expiresAt })
    }
    return true
  }

  #evict(entries = 0, bytes = 0, keep?: Entry<K, V>): void {
    while (this.entries.length + entries > this.#maxEntries || this.bytes + bytes > this.#maxBytes) {
      const entry = this.#victim(keep)
      this.#remove(entry, entry.expiresAt > this.#now() ? 'evicted' : 'expired')
    }
  }

  #victim(keep?: Entry<K, V>): Entry<K, V> {
    if (this.#options.policy === 'lru') return this.entries.at(-1)!
    for (;;) {
      const entry = this.#hand ?? this.entries.at(-1)!
      this.#hand = entry
      if (entry !== keep && !entry.used) return entry
      entry.used = false
      this.#hand = this.#newerThan(entry)
    }
  }

  #newerThan(entry: Entry<K, V>): Entry<K, V> | undefined {
    return this.entries[this.entries.indexOf(entry) - 1]
  }

  #remove(entry: Entry<K, V>, reason: RemovalReason): void {
    if (this.#hand === entry) this.#hand = this.#newerThan(entry)
    this.entries = this.entries.filter((other) => other !== entry)
    if (reason === 'evicted') this.stats.evictions++
    if (reason === 'expired') this.stats.expirations++
    this.#onRemove({ value: entry.value, key: entry.key, reason })
  }
}
