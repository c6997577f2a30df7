import { GeeCacheError } from './errors.ts'
import { show } from './show.ts'

const mostBytesPerUnit = 3

/**
 * Throws GeeCacheError `invalid-key` unless `key` is a non-empty, well-formed string of at most `maxBytes`
 * bytes in UTF-8. Two keys with different lone surrogates would have the same bytes, and so share one value.
 */
export function checkKey(key: unknown, maxBytes: number): asserts key is string {
  if (typeof key !== 'string') throw invalid(`a key must be a string, got ${show(key)}`)
  if (key === '') throw invalid('a key must not be empty')
  if (!key.isWellFormed()) throw invalid(`a key must not hold a lone surrogate, got ${show(key)}`)
  if (key.length * mostBytesPerUnit > maxBytes && utf8Length(key) > maxBytes) {
    throw invalid(`a key must have at most ${maxBytes} bytes in UTF-8, got ${show(key)}`)
  }
}

function invalid(message: string): GeeCacheError {
  return new GeeCacheError('invalid-key', message)
}

function utf8Length(text: string): number {
  let bytes = 0
  for (const char of text) {
    const code = char.codePointAt(0) as number
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}
