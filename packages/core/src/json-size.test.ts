import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { freezeAndMeasure } from './json-size.ts'

/** An object with so many names. */
function named(count: number): object {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, i]))
}

describe('freezeAndMeasure', () => {
  it.each<[unknown, number]>([
    [null, 0],
    [true, 0],
    [7, 0],
    [-(2 ** 31), 0],
    [2 ** 31, 16],
    [0.5, 16],
    ['', 16],
    ['Tom', 24],
    ['é'.repeat(8), 24],
    ['łł', 24],
    ['😀', 24],
    [[], 48],
    [[1, 2.5, 'Tom'], 48 + 24 + 16 + 24],
    [{}, 24],
    [{ a: 1, b: { c: 'Tom' } }, 24 + 16 + 24 + 8 + 24],
    [[[[]]], 3 * 48 + 16],
    [named(16), 24 + 16 * 8],
    [named(17), 24 + 17 * 8 + 17 * (48 + 24)],
    [[named(17), named(18)], 48 + 16 + 24 + 17 * 8 + 24 + 18 * 8 + 18 * (48 + 24)],
  ])('charges %j with %i bytes', (value, bytes) => {
    expect(freezeAndMeasure(value)).toBe(bytes)
  })

  it('freezes all of it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        freezeAndMeasure(value)
        const isFrozen = (part: unknown): boolean =>
          Object.isFrozen(part) && (typeof part !== 'object' || Object.values(part ?? {}).every(isFrozen))
        return isFrozen(value)
      }),
    )
  })

  it('goes as deep as there is something', () => {
    let value: unknown[] = []
    for (let i = 0; i < 200_000; i++) value = [value]
    expect(freezeAndMeasure(value)).toBe(200_001 * 48 + 200_000 * 8)
  })
})
