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

/** Bounds that were checked; `Infinity` where there is none. */
export interface ResolvedBounds {
  readonly maxEntries: number
  readonly maxBytes: number
}

/** Options with every default filled in and every value checked. */
export interface ResolvedOptions<K, V> extends ResolvedBounds {
  readonly sizeOf: ((value: V, key: K) => number) | undefined
  readonly ttlMs: number
  readonly policy: 'lru' | 'sieve'
  readonly onRemove: ((value: V, key: K, reason: RemovalReason) => void) | undefined
  readonly now: (() => number) | undefined
}

/** Checks the options of a cache and fills in the defaults. */
export function resolveOptions<K, V>(options: LRUCacheOptions<K, V>): ResolvedOptions<K, V> {
  const bounds = resolveBounds(options, {})
  const { sizeOf, ttlMs = Infinity, policy = 'lru', onRemove, now } = options
  if (policy !== 'lru' && policy !== 'sieve') refuse('policy', "'lru' or 'sieve'", policy)
  for (const [name, callback] of Object.entries({ sizeOf, onRemove, now })) {
    if (callback !== undefined && typeof callback !== 'function') refuse(name, 'a function', callback)
  }
  checkTtlMs(ttlMs)
  return { ...bounds, sizeOf, ttlMs, policy, onRemove, now }
}

/** Checks the bounds asked for; one that is left out is as in `current`. */
export function resolveBounds(asked: Bounds, current: Bounds): ResolvedBounds {
  checkObject(asked)
  const maxEntries = asked.maxEntries ?? current.maxEntries ?? Infinity
  const maxBytes = asked.maxBytes ?? current.maxBytes ?? Infinity
  if (maxEntries !== Infinity) checkInteger('maxEntries', 1, maxEntries)
  if (maxBytes !== Infinity) checkInteger('maxBytes', 1, maxBytes)
  if (Math.min(maxEntries, maxBytes) === Infinity) refuse('maxEntries or maxBytes', 'given')
  return { maxEntries, maxBytes }
}

/** Checks what one `set`, or one entry of a snapshot, says about its entry. */
export function checkSetOptions(options: SetOptions): void {
  checkObject(options)
  if (options.size !== undefined) checkInteger('size', 0, options.size)
  if (options.ttlMs !== undefined) checkTtlMs(options.ttlMs)
}

/** Returns the value if it is an integer from the least one allowed. */
export function checkInteger(name: string, least: 0 | 1, value: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  return refuse(name, least === 1 ? 'a positive integer' : 'a non-negative integer', value)
}

function checkTtlMs(ttlMs: number): void {
  if (typeof ttlMs !== 'number' || !(ttlMs > 0)) refuse('ttlMs', 'a positive number', ttlMs)
}

function checkObject(options: object): void {
  if (Object(options) !== options) refuse('options', 'an object', options)
}
