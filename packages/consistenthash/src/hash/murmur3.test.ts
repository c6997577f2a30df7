import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyText, utf8 } from '../../test/texts.ts'
import { mix32, murmur3 } from './murmur3.ts'

test.each([
  ['', 0, 0],
  ['', 1, 0x514e28b7],
  ['', 0xffffffff, 0x81f16f39],
  ['\0\0\0\0', 0, 0x2362f9de],
  ['\0\0\0', 0, 0x85f0b427],
  ['\0\0', 0, 0x30f4c306],
  ['\0', 0, 0x514e28b7],
  ['aaaa', 0x9747b28c, 0x5a97808a],
  ['aaa', 0x9747b28c, 0x283e0130],
  ['aa', 0x9747b28c, 0x5d211726],
  ['a', 0x9747b28c, 0x7fa09ea6],
  ['abcd', 0x9747b28c, 0xf0478627],
  ['Hello, world!', 0x9747b28c, 0x24884cba],
  ['ππππππππ', 0x9747b28c, 0xd58063c1],
  ['The quick brown fox jumps over the lazy dog', 0x9747b28c, 0x2fa826cd],
])('murmur3(%j, %i) has the published value', (text, seed, hash) => {
  expect(murmur3(text, seed)).toBe(hash)
})

test('murmur3 reads the UTF-8 bytes of any text, under any seed', () => {
  fc.assert(
    fc.property(anyText(), fc.integer({ min: 0, max: 0xffffffff }), (text, seed) => {
      expect(murmur3(text, seed)).toBe(wordByWord(utf8(text), seed))
    }),
    { numRuns: 300 },
  )
})

/** The definition, over bytes. */
function wordByWord(bytes: Uint8Array, seed: number): number {
  const blocks = bytes.length >> 2
  const padded = new DataView(new ArrayBuffer(blocks * 4 + 4))
  new Uint8Array(padded.buffer).set(bytes)
  const scrambled = (block: number) => {
    const product = Math.imul(padded.getInt32(block * 4, true), 0xcc9e2d51)
    return Math.imul((product << 15) | (product >>> 17), 0x1b873593)
  }
  let hash = seed
  for (let block = 0; block < blocks; block++) {
    hash ^= scrambled(block)
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64
  }
  return mix32(hash ^ scrambled(blocks) ^ bytes.length) >>> 0
}
