import { refuse } from './refuse.ts'

/**
 * Why an entry left the cache.
 *
 * - `evicted`: it made room for another entry, or `resize` lowered a bound
 * - `expired`: its time to live was over when an operation met it
 * - `deleted`: `delete` or `pop` took it
 * - `replaced`: its key was set to another value, or `set` refused a new value that is too large
 * - `cleared`: `clear` or `load` emptied the cache
 */
export type RemovalReason = 'evicted' | 'expired' | 'deleted' | 'replaced' | 'cleared'

/** How much a cache may hold. */
export interface Bounds {
  /** The most entries held: a positive integer, or `Infinity` for no bound of this kind. */
  readonly maxEntries?: number | undefined
  /** The most bytes held, counted by `sizeOf` or `size`: a positive integer, or `Infinity`. */
  readonly maxBytes?: number | undefined
}

/** How a cache is made. At least one of the two bounds is needed. */
export interface LRUCacheOptions<K, V> extends Bounds {
  /**
   * The bytes an entry is charged: an integer from 0. Called once for each `set` that does not pass `size`.
   * Without it and without `size` an entry is charged 0, which `maxBytes` does not accept.
   */
  readonly sizeOf?: ((value: V, key: K) => number) | undefined
  /** How long an entry lives, in milliseconds: above 0. Absent or `Infinity`: until it is removed. */
  readonly ttlMs?: number | undefined
  /**
   * Which entry leaves first. `'lru'` (the default): the one used longest ago. `'sieve'`: the oldest one that
   * was not used since the last sweep, which keeps popular entries better when many keys are used only once.
   */
  readonly policy?: 'lru' | 'sieve' | undefined
  /**
   * Called once for each entry that has left, when the operation that removed it is complete, before that
   * operation returns. It may call the cache. If it throws, the remaining calls are still made, then the
   * operation throws the error (an `AggregateError` if there were several); the cache is as if it had not.
   */
  readonly onRemove?: ((value: V, key: K, reason: RemovalReason) => void) | undefined
  /** The clock, in milliseconds from any origin; it must not go backwards. Default: see the README. */
  readonly now?: (() => number) | undefined
}

/** What one `set` says about its entry. */
export interface SetOptions {
  /** How long this entry lives, in milliseconds, instead of the cache's `ttlMs`. `Infinity`: for ever. */
  readonly ttlMs?: number | undefined
  /** The bytes this entry is charged, instead of asking `sizeOf`. */
  readonly size?: number | undefined
}

/** Options with every default filled in and every value checked. */
export interface ResolvedOptions<K, V> {
  readonly maxEntries: number
  readonly maxBytes: number
  readonly sizeOf: ((value: V, key: K) => number) | undefined
  readonly ttlMs: number
  readonly policy: 'lru' | 'sieve'
  readonly onRemove: ((value: V, key: K, reason: RemovalReason) => void) | undefined
  readonly now: (() => number) | undefined
}

/** Checks the options of a cache and fills in the defaults. */
export function resolveOptions<K, V>(options: LRUCacheOptions<K, V>): ResolvedOptions<K, V> {
  const bounds = resolveBounds('options', options)
  const { sizeOf, ttlMs = Infinity, policy = 'lru', onRemove, now } = options
  if (policy !== 'lru' && policy !== 'sieve') refuse('policy', "'lru' or 'sieve'", policy)
  for (const [name, callback] of Object.entries({ sizeOf, onRemove, now })) {
    if (callback !== undefined && typeof callback !== 'function') refuse(name, 'a function', callback)
  }
  checkTtlMs(ttlMs)
  return { ...bounds, sizeOf, ttlMs, policy, onRemove, now }
}

/** Checks the bounds asked for; those left out stay as they are `now`. */
export function resolveBounds(
  name: string,
  asked: Bounds,
  { maxEntries, maxBytes }: Bounds = {},
): Required<Bounds> {
  checkObject(name, asked)
  const bounds = {
    maxEntries: asked.maxEntries ?? maxEntries ?? Infinity,
    maxBytes: asked.maxBytes ?? maxBytes ?? Infinity,
  }
  for (const [bound, limit] of Object.entries(bounds)) {
    if (limit !== Infinity && !(Number.isSafeInteger(limit) && limit > 0)) {
      refuse(bound, 'a positive integer', limit)
    }
  }
  if (bounds.maxEntries === bounds.maxBytes && bounds.maxBytes === Infinity) {
    throw new TypeError('a cache needs a bound: maxEntries, maxBytes or both, got neither')
  }
  return bounds
}

/** Checks what one `set` says about its entry. */
export function checkSetOptions(options: SetOptions): void {
  checkObject('options', options)
  if (options.size !== undefined) checkSize('size', options.size)
  if (options.ttlMs !== undefined) checkTtlMs(options.ttlMs)
}

/** Checks a time to live; `Infinity` is one. */
export function checkTtlMs(ttlMs: number): void {
  if (!(typeof ttlMs === 'number' && ttlMs > 0)) refuse('ttlMs', 'a number above 0', ttlMs)
}

/** Checks a size; `name` says where it came from. */
export function checkSize(name: string, size: number): void {
  if (!(Number.isSafeInteger(size) && size >= 0)) refuse(name, 'a safe integer from 0', size)
}

export function checkObject(name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) refuse(name, 'an object', value)
}
