import { LRUCache } from '@geecache/lru'
import type { Entry } from './entry.ts'
import type { CacheStats } from './stats.ts'

/**
 * The memory of a group: mainCache, for the keys this process owns, and hotCache, for copies of keys that
 * others own, in one budget of bytes. When room is short the hotCache gives way first, down to its share.
 */
export class Caches<V> {
  readonly #main: LRUCache<string, Entry<V>>
  readonly #hot: LRUCache<string, Entry<V>>
  readonly #maxBytes: number
  readonly #hotBytes: number
  readonly #evictions = { main: 0, hot: 0 }

  constructor(options: { maxBytes: number; hotShare: number; now: () => number }) {
    const { maxBytes, hotShare, now } = options
    this.#maxBytes = maxBytes
    this.#hotBytes = maxBytes * hotShare
    this.#main = new LRUCache({ maxBytes, now })
    this.#hot = new LRUCache({ maxBytes, now })
  }

  /** The entry of `key`, counted as a get. */
  get(key: string): Entry<V> | undefined {
    return this.#main.get(key) ?? this.#hot.get(key)
  }

  /** The entry of `key`, neither counted nor touched. */
  peek(key: string): Entry<V> | undefined {
    return this.#main.peek(key) ?? this.#hot.peek(key)
  }

  /** Keeps the value of a key that this process owns. */
  keepMain(key: string, entry: Entry<V>, ttlMs: number): void {
    this.#hot.delete(key)
    this.#keep(this.#main, key, entry, ttlMs)
  }

  /** Keeps a copy of the value of a key that another peer owns; with a share of 0, keeps none. */
  keepHot(key: string, entry: Entry<V>, ttlMs: number): void {
    if (this.#hotBytes === 0) return
    this.#main.delete(key)
    this.#keep(this.#hot, key, entry, ttlMs)
  }

  clear(): void {
    this.#main.clear()
    this.#hot.clear()
  }

  stats(which: 'main' | 'hot'): CacheStats {
    const cache = which === 'main' ? this.#main : this.#hot
    const { hits, misses } = cache.stats
    return {
      bytes: cache.bytes,
      items: cache.size,
      gets: hits + misses,
      hits,
      evictions: cache.stats.evictions + this.#evictions[which],
    }
  }

  #keep(cache: LRUCache<string, Entry<V>>, key: string, entry: Entry<V>, ttlMs: number): void {
    const { size } = entry
    cache.set(key, entry, ttlMs === Number.POSITIVE_INFINITY ? { size } : { size, ttlMs })
    while (this.#main.bytes + this.#hot.bytes > this.#maxBytes) {
      // mainCache is never emptied for the sake of copies: its last entry may be the one just kept.
      const which = this.#hot.bytes > this.#hotBytes || this.#main.size === 1 ? 'hot' : 'main'
      if ((which === 'hot' ? this.#hot : this.#main).pop() !== undefined) this.#evictions[which]++
    }
  }
}
