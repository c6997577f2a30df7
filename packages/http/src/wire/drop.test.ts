import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDrop, splitKeys } from './drop.ts'

describe('parseDrop', () => {
  it('reads what is to be dropped, and in which round', () => {
    expect(parseDrop('{"round":1,"keys":["a","b"]}')).toEqual({ round: 1, keys: ['a', 'b'] })
    expect(parseDrop('{"round":2,"keys":"all"}')).toEqual({ round: 2, keys: 'all' })
    expect(parseDrop('{"round":2,"keys":[]}')).toEqual({ round: 2, keys: [] })
    const first = { round: 1, keys: ['a'], reservation: 'x'.repeat(64) }
    expect(parseDrop(JSON.stringify(first))).toEqual(first)
  })

  it.each([
    '',
    'null',
    '1',
    '[]',
    '{}',
    '{"round":1}',
    '{"keys":"all"}',
    '{"round":0,"keys":"all"}',
    '{"round":3,"keys":"all"}',
    '{"round":"1","keys":"all"}',
    '{"round":1,"keys":"every"}',
    '{"round":1,"keys":[1]}',
    '{"round":1,"keys":{"length":0}}',
    '{"__proto__":{"round":1,"keys":"all"}}',
    '{"round":1,"keys":["a"],"reservation":1}',
    `{"round":1,"keys":["a"],"reservation":"${'x'.repeat(65)}"}`,
  ])('takes %j for nothing', (body) => {
    expect(parseDrop(body)).toBeUndefined()
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (body) => {
        parseDrop(body)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('splitKeys', () => {
  const keys = fc.array(fc.string({ unit: 'binary', maxLength: 30 }), { maxLength: 50 })

  it('loses no key, repeats none, and keeps their order', () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 500 }), (all, maxBytes) => {
        expect([...splitKeys(all, maxBytes)].flat()).toEqual(all)
      }),
    )
  })

  it('makes lists that fit, unless a key alone does not', () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 500 }), (all, maxBytes) => {
        for (const some of splitKeys(all, maxBytes)) {
          expect(some.length).toBeGreaterThan(0)
          // The brackets are not of the keys.
          const bytes = Buffer.byteLength(JSON.stringify(some)) - 2
          if (some.length > 1) expect(bytes).toBeLessThanOrEqual(maxBytes)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('does not split what fits at its worst', () => {
    const all = ['\0\0', 'a'] // 6 bytes a character, quotes and a comma
    expect([...splitKeys(all, 2 * 6 + 3 + 6 + 3)]).toEqual([all])
    expect([...splitKeys(all, 2 * 6 + 3 + 6 + 2)]).toEqual([['\0\0'], ['a']])
  })

  it('makes no list of no keys', () => {
    expect([...splitKeys([], 10)]).toEqual([])
  })
})
