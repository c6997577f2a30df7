import { type Codec, json } from './codec.ts'
import { GeeCacheError } from './errors.ts'
import type { BatchGetter, Getter } from './getter.ts'
import type { PeerPicker } from './peers.ts'
import { show } from './show.ts'

/** What makes a group. */
export interface GroupOptions<V> {
  /** Its name, the same in every process; peers ask each other for values of a group by name. */
  readonly name: string
  /** Bytes that mainCache and hotCache may take together. */
  readonly maxBytes: number
  /** Loads the value of a key; undefined or a NotFoundError says that there is none. */
  readonly getter: Getter<V>
  /**
   * Loads many keys at once. When given, the misses of one turn of the event loop become one call of it, each key with
   * its own outcome, and `getter` is not called.
   */
  readonly batchGetter?: BatchGetter<V> | undefined
  /** Keys of one call of `batchGetter` at most. Default: 100. */
  readonly maxBatchSize?: number | undefined
  /** How values become bytes and back; the same in every process. Default: `json()`. */
  readonly codec?: Codec<V> | undefined
  /** Milliseconds a value lives after its load, unless the getter gives it another time; with 0 it is not kept. Default: for ever. */
  readonly ttlMs?: number | undefined
  /** The random part of its life by which a value may expire early, 0 to 1. Default: 0. */
  readonly ttlJitter?: number | undefined
  /** Milliseconds after its life in which a value is still answered with, while it is loaded anew. Default: 0. */
  readonly staleWhileRevalidateMs?: number | undefined
  /** Milliseconds after its life in which a value is answered with if loading it anew fails. Default: 0. */
  readonly staleIfErrorMs?: number | undefined
  /** Milliseconds for which it is remembered that a key has no value. Default: 0, not at all. */
  readonly notFoundTtlMs?: number | undefined
  /**
   * Milliseconds after which a load is no longer waited for where a stale value may be answered with. Default: it is
   * waited for.
   */
  readonly softTimeoutMs?: number | undefined
  /** Milliseconds after which a load is given up: its callers get `load-timeout`, its signal aborts. Default: never. */
  readonly loadTimeoutMs?: number | undefined
  /** Calls of `getter` or `batchGetter` that may run at a time. Default: any number. */
  readonly maxConcurrentLoads?: number | undefined
  /** Calls that may wait for their turn then; the loads of more are refused as `overloaded`. Default: 10,000. */
  readonly maxQueuedLoads?: number | undefined
  /** The copies kept of keys that other peers own. */
  readonly hot?: HotOptions | undefined
  /** Who picks the owner of a key; may also come later, through `registerPeers`. Default: this process owns all. */
  readonly peers?: PeerPicker | undefined
  /** Bytes of UTF-8 that a key may have, 4096 at most, for keys travel in URLs. Default: 1024. */
  readonly maxKeyBytes?: number | undefined
  /** A monotonic clock in milliseconds. Default: `performance.now`. */
  readonly now?: (() => number) | undefined
}

/** The hotCache's part of a group. */
export interface HotOptions {
  /** The part of `maxBytes` that hot copies may hold when room is short, 0 to 1; 0 keeps none. Default: 1/8. */
  readonly share?: number | undefined
  /** Milliseconds a hot copy lives at most, however long its value may; 1 or more. Default: 10,000. */
  readonly ttlMs?: number | undefined
}

/** {@link GroupOptions} with every default filled in. */
export interface ResolvedOptions<V> {
  readonly name: string
  readonly maxBytes: number
  readonly getter: Getter<V>
  readonly batchGetter: BatchGetter<V> | undefined
  readonly maxBatchSize: number
  readonly codec: Codec<V>
  readonly ttlMs: number | undefined
  readonly ttlJitter: number
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
  readonly notFoundTtlMs: number
  readonly softTimeoutMs: number | undefined
  readonly loadTimeoutMs: number | undefined
  readonly maxConcurrentLoads: number
  readonly maxQueuedLoads: number
  readonly hotShare: number
  readonly hotTtlMs: number
  readonly maxKeyBytes: number
  readonly now: () => number
  /** Whether `now` is the user's. */
  readonly ownClock: boolean
}

/** Checks the options of a group; throws GeeCacheError `invalid-option` that names the first wrong one. */
export function resolveOptions<V>(options: GroupOptions<V>): ResolvedOptions<V> {
  demandOptions('the options of a group', options, names)
  const { hot = {}, now = () => performance.now() } = options
  demandOptions('hot', hot, hotNames)
  const resolved: ResolvedOptions<V> = {
    name: options.name,
    maxBytes: options.maxBytes,
    getter: options.getter,
    batchGetter: options.batchGetter,
    maxBatchSize: options.maxBatchSize ?? 100,
    codec: options.codec === undefined ? json<V>() : options.codec,
    ttlMs: checkTtl('ttlMs', options.ttlMs),
    ttlJitter: options.ttlJitter ?? 0,
    staleWhileRevalidateMs: options.staleWhileRevalidateMs ?? 0,
    staleIfErrorMs: options.staleIfErrorMs ?? 0,
    notFoundTtlMs: options.notFoundTtlMs ?? 0,
    softTimeoutMs: options.softTimeoutMs,
    loadTimeoutMs: options.loadTimeoutMs,
    maxConcurrentLoads: options.maxConcurrentLoads ?? Number.POSITIVE_INFINITY,
    maxQueuedLoads: options.maxQueuedLoads ?? 10_000,
    hotShare: hot.share ?? 1 / 8,
    hotTtlMs: hot.ttlMs ?? 10_000,
    maxKeyBytes: options.maxKeyBytes ?? 1024,
    now,
    ownClock: options.now !== undefined,
  }
  check(resolved)
  return resolved
}

/** `ttlMs` as it is, if it is a time to live: a number from 0 up, or undefined for ever. */
export function checkTtl(option: string, ttlMs: number | undefined): number | undefined {
  demand(ttlMs === undefined || isNotNegative(ttlMs), option, 'a number from 0 up', ttlMs)
  return ttlMs
}

function check<V>(options: ResolvedOptions<V>): void {
  const { name, getter, batchGetter, codec, ttlJitter, hotShare, softTimeoutMs, loadTimeoutMs } = options
  demand(typeof name === 'string' && name !== '' && name.isWellFormed(), 'name', 'a non-empty string', name)
  demand(typeof getter === 'function', 'getter', 'a function', getter)
  demand(
    batchGetter === undefined || typeof batchGetter === 'function',
    'batchGetter',
    'a function',
    batchGetter,
  )
  demand(isCodec(codec), 'codec', 'a pair of functions encode and decode', codec)
  demand(typeof options.now === 'function', 'now', 'a function', options.now)
  for (const option of ['maxBytes', 'maxBatchSize', 'maxKeyBytes'] as const) {
    demand(isPositiveInteger(options[option]), option, 'a positive integer', options[option])
  }
  const { maxConcurrentLoads, maxQueuedLoads } = options
  const isAnyNumber = maxConcurrentLoads === Number.POSITIVE_INFINITY
  demand(
    isAnyNumber || isPositiveInteger(maxConcurrentLoads),
    'maxConcurrentLoads',
    'a positive integer',
    maxConcurrentLoads,
  )
  demand(isNotNegative(maxQueuedLoads), 'maxQueuedLoads', 'a number from 0 up', maxQueuedLoads)
  for (const option of ['staleWhileRevalidateMs', 'staleIfErrorMs', 'notFoundTtlMs'] as const) {
    demand(isNotNegative(options[option]), option, 'a number from 0 up', options[option])
  }
  demand(isPart(ttlJitter), 'ttlJitter', 'a number from 0 to 1', ttlJitter)
  demand(isPart(hotShare), 'hot.share', 'a number from 0 to 1', hotShare)
  demand(
    isNotNegative(options.hotTtlMs) && options.hotTtlMs >= 1,
    'hot.ttlMs',
    'a number from 1 up',
    options.hotTtlMs,
  )
  demand(options.maxKeyBytes <= longestKey, 'maxKeyBytes', `at most ${longestKey}`, options.maxKeyBytes)
  demand(isTimer(softTimeoutMs), 'softTimeoutMs', `a positive number up to ${longestTimer}`, softTimeoutMs)
  demand(isTimer(loadTimeoutMs), 'loadTimeoutMs', `a positive number up to ${longestTimer}`, loadTimeoutMs)
}

const longestTimer = 2 ** 31 - 1
// Three times as long in a URL, which servers bound by 16 KiB with all the headers.
const longestKey = 4096

// An option that was misspelt would be one that was left out.
const names: { readonly [name in keyof GroupOptions<unknown>]-?: true } = {
  name: true,
  maxBytes: true,
  getter: true,
  batchGetter: true,
  maxBatchSize: true,
  codec: true,
  ttlMs: true,
  ttlJitter: true,
  staleWhileRevalidateMs: true,
  staleIfErrorMs: true,
  notFoundTtlMs: true,
  softTimeoutMs: true,
  loadTimeoutMs: true,
  maxConcurrentLoads: true,
  maxQueuedLoads: true,
  hot: true,
  peers: true,
  maxKeyBytes: true,
  now: true,
}
const hotNames: { readonly [name in keyof HotOptions]-?: true } = { share: true, ttlMs: true }

function demandOptions(what: string, options: unknown, known: object): void {
  demand(isObject(options), what, 'an object', options)
  for (const name of Object.keys(options as object)) {
    demand(Object.hasOwn(known, name), what, `made of ${Object.keys(known).join(', ')}`, name)
  }
}

function demand(holds: boolean, option: string, expected: string, received: unknown): void {
  if (holds) return
  throw new GeeCacheError('invalid-option', `${option} must be ${expected}, got ${show(received)}`)
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function isCodec(value: unknown): boolean {
  const codec = value as Partial<Codec<unknown>> | null
  return typeof codec?.encode === 'function' && typeof codec.decode === 'function'
}

function isPositiveInteger(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0
}

function isPositive(value: unknown): boolean {
  return isNumber(value) && value > 0
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && !Number.isNaN(value)
}

function isNotNegative(value: unknown): boolean {
  return isNumber(value) && value >= 0
}

function isPart(value: unknown): boolean {
  return isNumber(value) && value >= 0 && value <= 1
}

function isTimer(value: unknown): boolean {
  return value === undefined || (isPositive(value) && (value as number) <= longestTimer)
}
