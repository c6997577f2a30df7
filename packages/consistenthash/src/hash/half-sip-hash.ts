import { utf8, words } from './utf8.ts'

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
  const length = utf8(text)
  const last = length & ~3
  // The last word carries the length, and three closing rounds follow it.
  for (let i = 0; i <= last + 12; i += 4) {
    let word = 0
    if (i <= last) word = words.getInt32(i, true)
    if (i === last) word |= length << 24
    if (i === last + 4) v2 ^= 0xff
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
  }
  return v1 ^ v3
}
