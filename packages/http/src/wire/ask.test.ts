import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAsk } from './ask.ts'

describe('parseAsk', () => {
  it('reads what was asked for', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 5 }), (keys) => {
        expect(parseAsk(JSON.stringify(keys), 5)).toEqual(keys)
      }),
    )
  })

  it('keeps a key asked for twice where it stands', () => {
    expect(parseAsk('["a","b","a"]', 3)).toEqual(['a', 'b', 'a'])
  })

  it.each([
    '',
    'null',
    '1',
    '"a"',
    '{}',
    '[]',
    '["a"',
    '["a",1]',
    '[["a"]]',
    '[null]',
    '{"length":1,"0":"a"}',
  ])('takes %j for no list of keys', (body) => {
    expect(parseAsk(body, 5)).toBeUndefined()
  })

  it('takes as many keys as allowed', () => {
    expect(parseAsk('["a","b"]', 2)).toEqual(['a', 'b'])
    expect(parseAsk('["a","b","c"]', 2)).toBeUndefined()
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (body) => {
        parseAsk(body, 3)
      }),
      { numRuns: 2000 },
    )
  })
})
