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
  readonly #options: CachesOptions
  readonly #hotBytes: number
  #main: LRUCache<string, Entry<V>>
  #hot: LRUCache<string, Entry<V>>
  /** Whether previous owners have handed values over since mainCache was empty. */
  #mainMayHoldFetched = false
  /** What caches that were cleared have done, and evictions made here for the common budget. */
  readonly #past = { main: { gets: 0, hits: 0, evictions: 0 }, hot: { gets: 0, hits: 0, evictions: 0 } }

  constructor(options: CachesOptions) {
    this.#options = options
    this.#hotBytes = options.maxBytes * options.hotShare
    this.#main = this.#newMain()
    this.#hot = this.#newHot()
  }

  /** What is known of `key`, counted as a get. */
  get(key: string): Entry<V> | undefined {
    return this.#main.get(key) ?? this.#hot.get(key)
  }

  /** What this process has loaded of `key` itself, counted as a get; a copy is not even touched. */
  getOwn(key: string): Entry<V> | undefined {
    const entry = this.#main.get(key)
    if (entry !== undefined) return entry.loadedHere ? entry : undefined
    return this.#hot.peek(key)?.loadedHere ? this.#hot.get(key) : undefined
  }

  /** What is known of `key`, neither counted nor touched. */
  peek(key: string): Entry<V> | undefined {
    return this.#main.peek(key) ?? this.#hot.peek(key)
  }

  /** Keeps what is known of a key that this process owns. */
  keepMain(key: string, entry: Entry<V>, ttlMs: number): void {
    this.#hot.delete(key)
    if (entry.from !== 'origin') this.#mainMayHoldFetched = true
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

  /** Drops what is known of `key`, if it came from a peer. */
  deleteFetched(key: string): void {
    const kept = this.peek(key)
    if (kept !== undefined && kept.from !== 'origin') this.delete(key)
  }

  /** Drops everything, at a cost that does not depend on how much there is. */
  clear(): void {
    this.#past.main = this.#totals('main')
    this.#main = this.#newMain()
    this.#mainMayHoldFetched = false
    this.#clearHot()
  }

  /** Drops everything that came from a peer, at such a cost as well; and more than that, where it can't tell. */
  clearFetched(): void {
    if (this.#mainMayHoldFetched) this.clear()
    else this.#clearHot()
  }

  #clearHot(): void {
    this.#past.hot = this.#totals('hot')
    this.#hot = this.#newHot()
  }

  stats(which: 'main' | 'hot'): CacheStats {
    const { bytes, size } = which === 'main' ? this.#main : this.#hot
    return { bytes, items: size, ...this.#totals(which) }
  }

  #totals(which: 'main' | 'hot') {
    const past = this.#past[which]
    const { hits, misses, evictions } = (which === 'main' ? this.#main : this.#hot).stats
    return {
      gets: past.gets + hits + misses,
      hits: past.hits + hits,
      evictions: past.evictions + evictions,
    }
  }

  #newMain(): LRUCache<string, Entry<V>> {
    const { maxBytes, now } = this.#options
    // Keeps what is asked for again through a scan of what is not; the better one in traces of what origins are asked for.
    return new LRUCache({ maxBytes, policy: 'sieve', ...(now && { now }) })
  }

  #newHot(): LRUCache<string, Entry<V>> {
    const { maxBytes, now, onHotExpired } = this.#options
    // Only what was asked for more than once comes here, and for seconds: what was not used for longest has cooled.
    return new LRUCache({
      maxBytes,
      policy: 'lru',
      onRemove: (entry, key, reason) => {
        if (reason === 'expired') onHotExpired(key, entry.hits)
      },
      ...(now && { now }),
    })
  }

  #keep(cache: LRUCache<string, Entry<V>>, key: string, entry: Entry<V>, ttlMs: number): void {
    const { maxBytes } = this.#options
    const { size } = entry
    cache.delete(key)
    const isShort = this.#main.bytes + this.#hot.bytes + size > maxBytes
    // A copy larger than the share would drive out all others and then have to go itself.
    if (size > maxBytes || (isShort && cache === this.#hot && size > this.#hotBytes)) return
    while (this.#main.bytes + this.#hot.bytes + size > maxBytes) {
      const hotBytes = this.#hot.bytes + (cache === this.#hot ? size : 0)
      const which =
        (hotBytes > this.#hotBytes && this.#hot.size > 0) || this.#main.size === 0 ? 'hot' : 'main'
      if ((which === 'hot' ? this.#hot : this.#main).pop() !== undefined) this.#past[which].evictions++
    }
    cache.set(key, entry, ttlMs === Number.POSITIVE_INFINITY ? { size } : { size, ttlMs })
  }
}
