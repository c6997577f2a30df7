import { ByteView } from './byte-view.ts'
import { freezeAndMeasure } from './json-size.ts'
import { show } from './show.ts'

/**
 * How the values of a group become bytes and back. Any pair of functions will do, such as the exports of a
 * MessagePack library.
 *
 * A value is encoded once for each load and decoded once for each cache entry, and every caller gets that one
 * decoded value: `decode` should make something that callers cannot change.
 */
export interface Codec<V> {
  /** Gives a Uint8Array (or Buffer), not a promise. */
  encode(value: V): Uint8Array
  /**
   * Takes a plain Uint8Array, never a Buffer; gives the value, not a promise. Must not keep or change `bytes` beyond
   * reading them, unless the result can't be written through.
   */
  decode(bytes: Uint8Array): V
  /**
   * Whether what `decode` makes shares no memory with its `bytes`, as strings do: they need not be copied then for a value
   * that is not kept. Default: false.
   */
  readonly copies?: boolean | undefined
  /**
   * Bytes of memory that `value`, decoded from `bytes`, holds besides `bytes`; a whole number from 0 up. Three times
   * the encoded length by default, which covers what V8 makes of ordinary data.
   */
  decodedBytes?(value: V, bytes: Uint8Array): number
}

const encoder = new TextEncoder()
// A byte order mark is part of the value, and wrong bytes are an error, not a replacement character.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** JSON, the default. What it decodes is frozen, deeply: callers share one object and cannot corrupt it. */
export function json<V = unknown>(): Codec<V> {
  // What was decoded last is measured already, for a second walk would cost as much as the first.
  let measured: { readonly value: unknown; readonly bytes: number } | undefined
  return {
    encode(value) {
      const text = JSON.stringify(value) as string | undefined
      if (text === undefined) throw new TypeError(`${show(value)} has no form in JSON`)
      return encoder.encode(text)
    },
    copies: true,
    decode(bytes) {
      const value = JSON.parse(decoder.decode(bytes)) as V
      measured = { value, bytes: freezeAndMeasure(value) }
      return value
    },
    decodedBytes(value) {
      const bytes = measured?.value === value ? measured.bytes : freezeAndMeasure(value)
      measured = undefined
      return bytes
    },
  }
}

/** Strings as UTF-8. Lone surrogates have no UTF-8 form and are refused. */
export function text(): Codec<string> {
  return {
    encode(value) {
      if (typeof value !== 'string') throw new TypeError(`the text codec takes a string, got ${show(value)}`)
      if (!value.isWellFormed()) throw new TypeError(`${show(value)} holds a lone surrogate`)
      return encoder.encode(value)
    },
    copies: true,
    decode: (bytes) => decoder.decode(bytes),
    decodedBytes: (value) => 2 * value.length,
  }
}

/** Bytes as they are, read through a {@link ByteView}; `encode` takes a Uint8Array (or Buffer) as well. */
export function bytes(): Codec<ByteView> {
  return {
    encode(value: ByteView | Uint8Array) {
      // Copied either way, for the caller may go on to write what he gave us.
      if (value instanceof Uint8Array) return new Uint8Array(value)
      // Not instanceof: another copy of this package may have made it.
      if (typeof value?.toUint8Array === 'function') return value.toUint8Array()
      throw new TypeError(`the bytes codec takes a ByteView or Uint8Array, got ${show(value)}`)
    },
    decode: (bytes) => ByteView.over(bytes),
    decodedBytes: () => 0,
  }
}
