import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isGeeCacheError } from './errors.ts'
import { checkKey } from './key.ts'

function verdict(key: unknown, maxBytes = 1024): string {
  try {
    checkKey(key, maxBytes)
    return 'fine'
  } catch (error) {
    if (!isGeeCacheError(error, 'invalid-key')) throw error
    return error.message
  }
}

describe('checkKey', () => {
  it.each(['Tom', ' ', '.', '..', '/', 'a/b', '%2F', '?', '#', '\0', '\uFEFF', '😀', '__proto__'])(
    'takes %j',
    (key) => {
      expect(verdict(key)).toBe('fine')
    },
  )

  it.each([
    ['', 'a key must not be empty, got ""'],
    [undefined, 'a key must be a string, got undefined'],
    [630, 'a key must be a string, got 630'],
    [{ name: 'Tom' }, 'a key must be a string, got {"name":"Tom"}'],
    ['a\ud800b', 'a key must not hold a lone surrogate, got "a\\ud800b"'],
  ])('refuses %j and says what it received', (key, message) => {
    expect(verdict(key)).toBe(message)
  })

  it('counts bytes of UTF-8, not characters', () => {
    expect(verdict('€€€', 9)).toBe('fine')
    expect(verdict('€€€', 8)).toBe('a key must have at most 8 bytes in UTF-8, got "€€€"')
  })

  it('agrees with TextEncoder about every length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.nat(200), (key, maxBytes) => {
        const fits = new TextEncoder().encode(key).length <= maxBytes
        expect(verdict(key, maxBytes) === 'fine').toBe(fits)
      }),
    )
  })

  it('quotes only the beginning of a long key', () => {
    const message = verdict('x'.repeat(1_000_000))
    expect(message.length).toBeLessThan(200)
    expect(message).toContain('(1000000 characters)')
  })
})
