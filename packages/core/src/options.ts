import { type Codec, json } from './codec.ts'
import { GeeCacheError } from './errors.ts'
import type { Getter } from './getter.ts'
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
  /** How values become bytes and back; the same in every process. Default: `json()`. */
  readonly codec?: Codec<V>
  /** Milliseconds a value lives after its load, unless the getter gives it another time. Default: for ever. */
  readonly ttlMs?: number
  /** The copies kept of keys that other peers own. */
  readonly hot?: HotOptions
  /** Who picks the owner of a key; may also come later, through `registerPeers`. Default: this process owns all. */
  readonly peers?: PeerPicker
  /** Bytes of UTF-8 that a key may have. Default: 1024, for keys travel in URLs. */
  readonly maxKeyBytes?: number
  /** A monotonic clock in milliseconds. Default: `performance.now`. */
  readonly now?: () => number
}

/** The hotCache's part of a group. */
export interface HotOptions {
  /** The part of `maxBytes` that hot copies may hold when room is short, 0 to 1; 0 keeps none. Default: 1/8. */
  readonly share?: number
  /** Milliseconds a hot copy lives at most, however long its value may. Default: 10,000. */
  readonly ttlMs?: number
}

/** {@link GroupOptions} with every default filled in. */
export interface ResolvedOptions<V> {
  readonly name: string
  readonly maxBytes: number
  readonly getter: Getter<V>
  readonly codec: Codec<V>
  readonly ttlMs: number | undefined
  readonly hotShare: number
  readonly hotTtlMs: number
  readonly maxKeyBytes: number
  readonly now: () => number
}

/** Checks the options of a group; throws GeeCacheError `invalid-option` that names the first wrong one. */
export function resolveOptions<V>(options: GroupOptions<V>): ResolvedOptions<V> {
  const { name, maxBytes, getter, codec = json<V>(), ttlMs, hot = {}, maxKeyBytes = 1024 } = options
  const { share = 1 / 8, ttlMs: hotTtlMs = 10_000 } = hot
  const { now = () => performance.now() } = options
  require(typeof name === 'string' && name !== '' && name.isWellFormed(), 'name', 'a non-empty string', name)
  require(isPositiveInteger(maxBytes), 'maxBytes', 'a positive integer', maxBytes)
  require(typeof getter === 'function', 'getter', 'a function', getter)
  require(isCodec(codec), 'codec', 'a pair of functions encode and decode', codec)
  require(ttlMs === undefined || isPositive(ttlMs), 'ttlMs', 'a positive number', ttlMs)
  require(isNumber(share) && share >= 0 && share <= 1, 'hot.share', 'a number from 0 to 1', share)
  require(isPositive(hotTtlMs), 'hot.ttlMs', 'a positive number', hotTtlMs)
  require(isPositiveInteger(maxKeyBytes), 'maxKeyBytes', 'a positive integer', maxKeyBytes)
  require(typeof now === 'function', 'now', 'a function', now)
  return { name, maxBytes, getter, codec, ttlMs, hotShare: share, hotTtlMs, maxKeyBytes, now }
}

function require(holds: boolean, option: string, expected: string, received: unknown): void {
  if (holds) return
  throw new GeeCacheError('invalid-option', `${option} must be ${expected}, got ${show(received)}`)
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
