import { asciiWord, byteCount, utf8Character } from './utf8.ts'

/**
 * MurmurHash3_x86_32 of the UTF-8 bytes of `text` (Austin Appleby, 2011), unsigned.
 *
 * Fast and even, but no defence against texts chosen by an opponent: some collide whatever the seed is (Aumasson and
 * Bernstein, 2012). `halfSipHash` is for those.
 */
export function murmur3(text: string, seed = 0): number {
  return murmur3Word(text, seed) >>> 0
}

/** `murmur3` as a signed word: engines keep those without a heap object, which half of the unsigned ones need. */
export function murmur3Word(text: string, seed: number): number {
  let hash = seed | 0
  let length = 0
  let word = 0
  let filled = 0 // bytes of `word` taken so far
  for (let i = 0; i < text.length; ) {
    let bytes = filled === 0 ? asciiWord(text, i) : -1
    let count = 4
    if (bytes < 0) {
      bytes = utf8Character(text, i)
      count = byteCount(bytes)
      i += count > 3 ? 2 : 1
    } else i += 4
    length += count
    word |= bytes << (filled * 8)
    filled += count
    if (filled > 3) {
      hash ^= scramble(word)
      hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
      filled -= 4
      word = filled > 0 ? bytes >>> ((count - filled) * 8) : 0
    }
  }
  return mix32(hash ^ scramble(word) ^ length)
}

/** A word, made ready to be mixed in. */
function scramble(word: number): number {
  const product = Math.imul(word, 0xcc9e2d51)
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593)
}

/** MurmurHash3's finalizer: a permutation of the 32-bit numbers in which every bit of the input moves every bit. Signed. */
export function mix32(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
