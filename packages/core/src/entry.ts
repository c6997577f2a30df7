import type { Codec } from './codec.ts'

/** A value in memory, in the two forms it is asked for. */
export interface Entry<V> {
  /** Encoded, for peers. */
  readonly bytes: Uint8Array
  /** Decoded, the one object that all callers share. */
  readonly value: V
  /** `value` as a promise made once, so that a hit makes none. */
  readonly answer: Promise<V>
  /** Whether this process loaded it, rather than fetched it from a peer: only what it loaded may go to peers. */
  readonly loadedHere: boolean
  /** When it expires, on the group's clock; Infinity if never. */
  readonly expiresAtMs: number
  /** Bytes of memory it is charged, its key included. */
  readonly size: number
}

// What V8 and our tables hold for an entry besides its contents: the entry itself, its promise, a typed
// array over its own buffer, a place in the cache.
const entryBytes = 400
// A string of V8's may take two bytes a character.
const bytesPerCharacter = 2
const decodedPerEncoded = 3

/** Decodes `bytes` and makes an entry of them; throws what the codec throws. */
export function makeEntry<V>(
  key: string,
  bytes: Uint8Array,
  codec: Codec<V>,
  life: { readonly loadedHere: boolean; readonly expiresAtMs: number },
): Entry<V> {
  // A slice would pin all of its buffer: an entry owns exactly its bytes.
  const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes)
  const value = codec.decode(own)
  const decoded = codec.decodedBytes?.(value, own) ?? decodedPerEncoded * own.length
  const size = entryBytes + bytesPerCharacter * key.length + own.length + decoded
  return { bytes: own, value, answer: Promise.resolve(value), size, ...life }
}
