import { describe, expect, it } from 'vitest'
import type { Codec } from './codec.ts'
import { absenceEntry, sentValue, valueEntry } from './entry.ts'
import { NotFoundError } from './errors.ts'

const life = { from: 'origin', freshUntilMs: 1000 } as const

/** Says that what it decodes takes `decoded` bytes; nothing, if undefined. */
function codec(decoded?: number): Codec<string> {
  return {
    encode: () => new Uint8Array(),
    decode: () => 'value',
    ...(decoded !== undefined && { decodedBytes: () => decoded }),
  }
}

function sizeOf(key: string, bytes: number, decoded?: number): number {
  return valueEntry(key, new Uint8Array(bytes), codec(decoded), life).size
}

describe('an entry', () => {
  it('is charged what it holds: its bytes, what was decoded from them, and two bytes a character of its key', () => {
    const bare = sizeOf('', 0, 0)
    expect(bare).toBeGreaterThan(0)
    expect(sizeOf('', 10, 0) - bare).toBe(10)
    expect(sizeOf('', 0, 10) - bare).toBe(10)
    expect(sizeOf('Tom', 0, 0) - bare).toBe(6)
    expect(sizeOf('Tom', 10, 20) - bare).toBe(36)
  })

  it('is charged three times its bytes for what was decoded where the codec does not say', () => {
    expect(sizeOf('', 10) - sizeOf('', 0)).toBe(40)
  })

  it('of an absence is charged for its message', () => {
    const sizeOfAbsence = (message: string) => absenceEntry('Tom', new NotFoundError(message), 0).size
    expect(sizeOfAbsence('')).toBe(sizeOf('Tom', 0, 0))
    expect(sizeOfAbsence('gone') - sizeOfAbsence('')).toBe(8)
  })

  it('is sent with the time it has left, which is never less than none', () => {
    const entry = valueEntry('Tom', new Uint8Array(), codec(), life)
    expect([999, 1000, 1001].map((now) => sentValue(entry, now).ttlMs)).toEqual([1, 0, 0])
  })
})
