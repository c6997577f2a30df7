import type { Codec } from './codec.ts'
import type { GeeCacheError } from './errors.ts'
import { ownBytes } from './own-bytes.ts'
import type { PeerValue } from './peers.ts'
import { show } from './show.ts'

/** What is known of a key: its value, or that it has none. */
export class Entry<V> {
  /** The value encoded, for peers. An entry owns exactly its bytes, for a slice would pin all of its buffer. */
  readonly bytes: Uint8Array
  /** The value decoded, the one object that all callers share; undefined if there is none. */
  readonly value: V | undefined
  /** `value` as a promise made once, so that a hit makes none; undefined if there is no value. */
  readonly answer: Promise<V> | undefined
  /** Why there is no value; undefined if there is one. */
  readonly absence: GeeCacheError | undefined
  /** Who gave it. */
  readonly from: Source
  /** Until when it is fresh, on the group's clock; Infinity for ever. */
  readonly freshUntilMs: number
  /** Bytes of memory it is charged, its key included. */
  readonly size: number
  /** Before this moment the origin is not asked for a fresher value: it has just failed. */
  retryAtMs: number = Number.NEGATIVE_INFINITY
  /** How often it has answered a get here. */
  hits = 0

  constructor(parts: Omit<Entry<V>, 'retryAtMs' | 'hits' | 'answer' | 'loadedHere'>) {
    this.bytes = parts.bytes
    this.value = parts.value
    this.answer = parts.absence === undefined ? Promise.resolve(parts.value as V) : undefined
    this.absence = parts.absence
    this.from = parts.from
    this.freshUntilMs = parts.freshUntilMs
    this.size = parts.size
  }

  /** Whether this process has it for itself, rather than a copy of what a peer has: only that may go to peers. */
  get loadedHere(): boolean {
    return this.from !== 'peer'
  }
}

/** Where an entry comes from and how long it is good. */
export type Life = Pick<Entry<unknown>, 'from' | 'freshUntilMs'>

/** Who gave a value: the getter here (or a set), a peer that was asked for it, or the previous owner of the key. */
export type Source = 'origin' | 'peer' | 'previous owner'

// What is held for an entry besides its contents: the entry itself, its promise, a place in the cache, and a typed array
// with a buffer of its own, of which V8 and the allocator keep books. Measured (packages/bench, core:memory).
const entryBytes = 800
// A string of V8's may take two bytes a character.
const bytesPerCharacter = 2
const decodedPerEncoded = 3

/** The entry of a value; decodes `bytes`, and throws what the codec throws. */
export function valueEntry<V>(key: string, bytes: Uint8Array, codec: Codec<V>, life: Life): Entry<V> {
  const own = ownBytes(bytes)
  const value = decode(codec, own)
  const decoded = codec.decodedBytes?.(value, own) ?? decodedPerEncoded * own.length
  if (!Number.isSafeInteger(decoded) || decoded < 0) {
    throw new TypeError(`decodedBytes must return a whole number from 0 up, got ${show(decoded)}`)
  }
  const size = bareSize(key) + own.length + decoded
  return new Entry({ bytes: own, value, absence: undefined, size, ...life })
}

/** A value as peers get it at the moment `nowMs`. */
export function sentValue({ bytes, freshUntilMs }: Entry<unknown>, nowMs: number, qps?: number): PeerValue {
  const lasts = freshUntilMs === Number.POSITIVE_INFINITY
  return { bytes, ttlMs: lasts ? undefined : Math.max(0, freshUntilMs - nowMs), qps }
}

/** The entry of a key that has no value, as this process was told by its getter. */
export function absenceEntry<V>(key: string, absence: GeeCacheError, freshUntilMs: number): Entry<V> {
  const size = bareSize(key) + bytesPerCharacter * absence.message.length
  return new Entry<V>({ bytes: noBytes, value: undefined, absence, from: 'origin', freshUntilMs, size })
}

/** The value that `bytes` stand for; throws what the codec throws. */
export function decode<V>(codec: Codec<V>, bytes: Uint8Array): V {
  const value = codec.decode(bytes)
  if (disownPromise(value)) throw new TypeError('decode must return a value, got a promise')
  return value
}

/** Whether `value` is a promise; if so, nobody will hear of its rejection. */
export function disownPromise(value: unknown): boolean {
  if (typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then !== 'function') return false
  Promise.resolve(value).catch(() => {})
  return true
}

const noBytes = new Uint8Array(0)

function bareSize(key: string): number {
  return entryBytes + bytesPerCharacter * key.length
}
