import { utf8, words } from './utf8.ts'

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
  // Short ASCII, as most keys are, is read faster from the string than from bytes.
  if (text.length <= 48) {
    let hash = seed
    let seen = 0
    let i = 0
    for (; i + 4 <= text.length; i += 4) {
      const first = text.charCodeAt(i)
      const second = text.charCodeAt(i + 1)
      const third = text.charCodeAt(i + 2)
      const fourth = text.charCodeAt(i + 3)
      seen |= first | second | third | fourth
      hash = absorb(hash, first | (second << 8) | (third << 16) | (fourth << 24))
    }
    let rest = 0
    for (let shift = 0; i < text.length; i++, shift += 8) {
      seen |= text.charCodeAt(i)
      rest |= text.charCodeAt(i) << shift
    }
    if (seen < 0x80) return mix32(hash ^ scramble(rest) ^ text.length)
  }
  let hash = seed
  let i = 0
  const length = utf8(text)
  const view = words
  for (; i + 4 <= length; i += 4) hash = absorb(hash, view.getInt32(i, true))
  return mix32(hash ^ scramble(view.getInt32(i, true)) ^ length)
}

function absorb(hash: number, word: number): number {
  const mixed = hash ^ scramble(word)
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0
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
