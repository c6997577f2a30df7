import { GeeCacheError } from './errors.ts'
import { show } from './show.ts'

const mostBytesPerUnit = 3

/**
 * Throws GeeCacheError `invalid-key` unless `key` is a non-empty, well-formed string of at most `maxBytes`
 * bytes in UTF-8. Two keys with different lone surrogates would have the same bytes, and so share one value.
 */
export function checkKey(key: unknown, maxBytes: number): asserts key is string {
  const complaint = complaintAbout(key, maxBytes)
  if (complaint !== undefined)
    throw new GeeCacheError('invalid-key', `a key must ${complaint}, got ${show(key)}`)
}

/** Whether `key` is one that {@link checkKey} lets pass. */
export function isKey(key: unknown, maxBytes: number): key is string {
  return complaintAbout(key, maxBytes) === undefined
}

function complaintAbout(key: unknown, maxBytes: number): string | undefined {
  if (typeof key !== 'string') return 'be a string'
  if (key === '') return 'not be empty'
  if (!key.isWellFormed()) return 'not hold a lone surrogate'
  if (key.length * mostBytesPerUnit <= maxBytes || utf8Length(key) <= maxBytes) return undefined
  return `have at most ${maxBytes} bytes in UTF-8`
}

function utf8Length(text: string): number {
  let bytes = 0
  for (const char of text) {
    const code = char.codePointAt(0) as number
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}
