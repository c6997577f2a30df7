/** What has happened to a cache since it was made. Counters only grow; `clear` leaves them alone. */
export interface CacheStats {
  /** Calls of `get` that found a live entry. */
  readonly hits: number
  /** Calls of `get` that found nothing, or only an expired entry. */
  readonly misses: number
  /** Entries removed to make room. */
  readonly evictions: number
  /** Entries removed because their time was up. */
  readonly expirations: number
  /** Calls of `set` that were refused because the value is larger than `maxBytes`. */
  readonly rejections: number
}
