import { asciiWord, byteCount, utf8Character } from './utf8.ts'

/**
 * HalfSipHash-1-3 of the UTF-8 bytes of `text` under a 64-bit key, unsigned: SipHash for 32-bit words (Aumasson and
 * Bernstein), with the rounds that the Linux kernel takes for its hash tables.
 *
 * Without the key nobody can choose texts that collide or that land near each other.
 */
export function halfSipHash(text: string, key0: number, key1: number): number {
  return halfSipHashWord(text, key0, key1) >>> 0
}

/** `halfSipHash` as a signed word, which takes no heap object. */
export function halfSipHashWord(text: string, key0: number, key1: number): number {
  let v0 = key0 | 0
  let v1 = key1 | 0
  let v2 = key0 ^ 0x6c796765
  let v3 = key1 ^ 0x74656462
  let length = 0
  let word = 0
  let filled = 0 // bytes of `word` taken so far
  // The last word, which carries the length, and three closing rounds follow the text through the same loop.
  for (let i = 0, closing = 0; closing < 4; ) {
    let bytes = 0
    let count = 4
    if (i >= text.length) {
      word = closing++ > 0 ? 0 : word | (length << 24)
      if (closing === 2) v2 ^= 0xff
      filled = 4
    } else {
      bytes = filled === 0 ? asciiWord(text, i) : -1
      if (bytes < 0) {
        bytes = utf8Character(text, i)
        count = byteCount(bytes)
        i += count > 3 ? 2 : 1
      } else i += 4
      length += count
      word |= bytes << (filled * 8)
      filled += count
    }
    if (filled > 3) {
      v3 ^= word
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
      v0 ^= word
      filled -= 4
      word = filled > 0 ? bytes >>> ((count - filled) * 8) : 0
    }
  }
  return v1 ^ v3
}
