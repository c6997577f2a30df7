import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatMilliseconds, parseMilliseconds } from './milliseconds.ts'

describe('milliseconds', () => {
  it('come back whole, rounded down', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: Number.MAX_SAFE_INTEGER, noNaN: true }), (ms) => {
        expect(parseMilliseconds(formatMilliseconds(ms))).toBe(Math.floor(Math.abs(ms)))
      }),
    )
  })

  it('are as many as can be told apart, at most', () => {
    expect(formatMilliseconds(Number.POSITIVE_INFINITY)).toBe('9007199254740991')
    expect(formatMilliseconds(1e21)).toBe('9007199254740991')
    expect(parseMilliseconds('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER)
  })

  it.each([
    '',
    ' ',
    '-1',
    '+1',
    '1.5',
    '1e3',
    '0x10',
    '1 ',
    'Infinity',
    'NaN',
    '９',
    '9007199254740993',
    '1'.repeat(17),
    '1'.repeat(400),
  ])('are not %j', (text) => {
    expect(parseMilliseconds(text)).toBeUndefined()
  })
})
