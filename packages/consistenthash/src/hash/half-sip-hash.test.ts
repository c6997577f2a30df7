import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyText, utf8 } from '../../test/texts.ts'
import { halfSipHash } from './half-sip-hash.ts'

/** Of the bytes 0, 1, ... n-1 under the key 00 01 .. 07: HalfSipHash-1-3 in the Linux kernel's lib/tests/siphash_kunit.c. */
const PUBLISHED = [
  0x5814c896, 0xe7e864ca, 0xbc4b0e30, 0x01539939, 0x7e059ea6, 0x88e3d89b, 0xa0080b65, 0x9d38d9d6, 0x577999b1,
  0xc839caed, 0xe4fa32cf, 0x959246ee, 0x6b28096c, 0x66dd9cd6, 0x16658a7c, 0xd0257b04, 0x8b31d501, 0x2b1cd04b,
  0x06712339, 0x522aca67, 0x911bb605, 0x90a65f0e, 0xf826ef7b, 0x62512deb, 0x57150ad7, 0x5d473507, 0x1ec47442,
  0xab64afd3, 0x0a4100d0, 0x6d2ce652, 0x2331b6a3, 0x08d8791a, 0xbc6dda8d, 0xe0f6c934, 0xb0652033, 0x9b9851cc,
  0x7c46fb7f, 0x732ba8cb, 0xf142997a, 0xfcc9aa1b, 0x05327eb2, 0xe110131c, 0xf9e5e7c0, 0xa7d708a6, 0x11795ab1,
  0x65671619, 0x9f5fff91, 0xd89c5267, 0x007783eb, 0x95766243, 0xab639262, 0x9c7e1390, 0xc368dda6, 0x38ddc455,
  0xfa13d379, 0x979ea4e8, 0x53ecd77e, 0x2ee80657, 0x33dbb66a, 0xae3f0577, 0x88b4c4cc, 0x3e7f480b, 0x74c1ebf8,
  0x87178304,
]

test('halfSipHash has the published values for 0 to 63 bytes', () => {
  const hashes = PUBLISHED.map((_, length) => {
    const text = String.fromCharCode(...Array.from({ length }, (_, byte) => byte))
    return halfSipHash(text, 0x03020100, 0x07060504)
  })
  expect(hashes).toEqual(PUBLISHED)
})

test('halfSipHash reads the UTF-8 bytes of any text, under any key', () => {
  const word = fc.integer({ min: 0, max: 0xffffffff })
  fc.assert(
    fc.property(anyText(), word, word, (text, key0, key1) => {
      expect(halfSipHash(text, key0, key1)).toBe(byTheBook(utf8(text), key0, key1))
    }),
    { numRuns: 300 },
  )
})

/** The definition, over bytes. */
function byTheBook(bytes: Uint8Array, key0: number, key1: number): number {
  const v: [number, number, number, number] = [key0, key1, key0 ^ 0x6c796765, key1 ^ 0x74656462]
  const turn = (value: number, by: number) => (value << by) | (value >>> (32 - by))
  const round = () => {
    v[0] += v[1]
    v[1] = turn(v[1], 5) ^ v[0]
    v[0] = turn(v[0], 16)
    v[2] += v[3]
    v[3] = turn(v[3], 8) ^ v[2]
    v[0] = (v[0] + v[3]) | 0
    v[3] = turn(v[3], 7) ^ v[0]
    v[2] = (v[2] + v[1]) | 0
    v[1] = turn(v[1], 13) ^ v[2]
    v[2] = turn(v[2], 16)
  }
  const padded = new DataView(new ArrayBuffer((bytes.length >> 2) * 4 + 4))
  new Uint8Array(padded.buffer).set(bytes)
  padded.setUint8(padded.byteLength - 1, bytes.length)
  for (let at = 0; at < padded.byteLength; at += 4) {
    v[3] ^= padded.getInt32(at, true)
    round()
    v[0] ^= padded.getInt32(at, true)
  }
  v[2] ^= 0xff
  for (let i = 0; i < 3; i++) round()
  return (v[1] ^ v[3]) >>> 0
}
