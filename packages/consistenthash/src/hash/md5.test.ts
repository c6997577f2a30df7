import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyText, utf8 } from '../../test/texts.ts'
import { md5 } from './md5.ts'

test.each([
  ['', 'd41d8cd98f00b204e9800998ecf8427e'],
  ['a', '0cc175b9c0f1b6a831c399e269772661'],
  ['abc', '900150983cd24fb0d6963f7d28e17f72'],
  ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
  ['abcdefghijklmnopqrstuvwxyz', 'c3fcd3d76192e4007dfb496cca67e13b'],
  ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', 'd174ab98d277d9f5a5611c2c9f419d9f'],
  ['1234567890'.repeat(8), '57edf4a22be3c955ac49da2e2107b67a'],
])('md5(%j) has the value of RFC 1321', (text, digest) => {
  expect(md5(text)).toBe(digest)
})

test('md5 reads the UTF-8 bytes of any text', () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      expect(md5(text)).toBe(createHash('md5').update(utf8(text)).digest('hex'))
    }),
    { numRuns: 300 },
  )
})
