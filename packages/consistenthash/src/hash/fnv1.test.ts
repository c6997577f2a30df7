import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyText, utf8 } from '../../test/texts.ts'
import { fnv1 } from './fnv1.ts'

test.each([
  ['', 0xcbf29ce484222325n],
  ['a', 0xaf63bd4c8601b7ben],
  ['b', 0xaf63bd4c8601b7bdn],
  ['fo', 0x08326207b4eb2f34n],
  ['foobar', 0x340d8765a4dda9c2n],
])('fnv1(%j) is the upper 53 bits of the published value', (text, hash) => {
  expect(fnv1(text)).toBe(Number(hash >> 11n))
})

test('fnv1 reads the UTF-8 bytes of any text', () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      let hash = 0xcbf29ce484222325n
      for (const byte of utf8(text)) hash = BigInt.asUintN(64, hash * 0x100000001b3n) ^ BigInt(byte)
      expect(fnv1(text)).toBe(Number(hash >> 11n))
    }),
    { numRuns: 300 },
  )
})
