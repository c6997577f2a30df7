import { LRUCache } from '@geecache/lru'
import type { Entry } from './entry.ts'
import type { CacheStats } from './stats.ts'

/** What makes the two caches of a group. */
export interface CachesOptions {
  /** Bytes that both may take together. */
  readonly maxBytes: number
  /** The part of them that the hotCache keeps when room is short. */
  readonly hotShare: number
  /** A monotonic clock in milliseconds; the LRU's own if undefined. */
  readonly now: (() => number) | undefined
  /** Called when the life of a hot copy is over, with the gets it has answered. */
  readonly onHotExpired: (key: string, hits: number) => void
}

/**
 * The memory of a group: mainCache, for the keys this process owns, and hotCache, for copies of keys that others own
 * and for what this process loaded in their place. Both share one budget of bytes; when room is short the hotCache gives
 * way first, down to its share.
 */
export class Caches<V> {
  readonly #main: LRUCache<string, Entry<V>>
  readonly #hot: LRUCache<string, Entry<V>>
  readonly #maxBytes: number
  readonly #hotBytes: number
  readonly #evictions = { main: 0, hot: 0 }

  constructor({ maxBytes, hotShare, now, onHotExpired }: CachesOptions) {
    this.#maxBytes = maxBytes
    this.#hotBytes = maxBytes * hotShare
    const clock = now === undefined ? {} : { now }
    this.#main = new LRUCache({ maxBytes, policy: 'sieve', ...clock })
    this.#hot = new LRUCache({
      maxBytes,
      policy: 'sieve',
      onRemove: (entry, key, reason) => {
        if (reason === 'expired') onHotExpired(key, entry.hits)
      },
      ...clock,
    })
  }

  /** What is known of `key`, counted as a get. */
  get(key: string): Entry<V> | undefined {
    return this.#main.get(key) ?? this.#hot.get(key)
  }

  /** What is known of `key`, neither counted nor touched. */
  peek(key: string): Entry<V> | undefined {
    return this.#main.peek(key) ?? this.#hot.peek(key)
  }

  /** Keeps what is known of a key that this process owns. */
  keepMain(key: string, entry: Entry<V>, ttlMs: number): void {
    this.#hot.delete(key)
    this.#keep(this.#main, key, entry, ttlMs)
  }

  /** Keeps what is known of a key that another peer owns; with a share of 0, keeps nothing. */
  keepHot(key: string, entry: Entry<V>, ttlMs: number): void {
    this.#main.delete(key)
    if (this.#hotBytes > 0) this.#keep(this.#hot, key, entry, ttlMs)
  }

  delete(key: string): void {
    this.#main.delete(key)
    this.#hot.delete(key)
  }

  /** Drops the copy of `key`, if it was fetched from a peer. */
  deleteFetched(key: string): void {
    if (this.#hot.peek(key)?.loadedHere === false) this.#hot.delete(key)
  }

  clear(): void {
    this.#main.clear()
    this.#hot.clear()
  }

  /** Drops everything that may have been fetched from a peer. */
  clearHot(): void {
    this.#hot.clear()
  }

  stats(which: 'main' | 'hot'): CacheStats {
    const cache = which === 'main' ? this.#main : this.#hot
    const { hits, misses, evictions } = cache.stats
    return {
      bytes: cache.bytes,
      items: cache.size,
      gets: hits + misses,
      hits,
      evictions: evictions + this.#evictions[which],
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
