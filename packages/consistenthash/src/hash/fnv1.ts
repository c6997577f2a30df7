import { bytes, utf8 } from './utf8.ts'

/**
 * 64-bit FNV-1 of the UTF-8 bytes of `text` (Fowler, Noll and Vo): its upper 53 bits, as many as a number holds.
 *
 * The last byte of a text moves the lowest eight bits alone, so keys that differ there are neighbours. Not a hash to
 * choose, but the one that some clusters use.
 */
export function fnv1(text: string): number {
  let high = 0xcbf29ce4
  let low = 0x84222325
  for (let i = 0, length = utf8(text); i < length; i++) {
    // Times the prime, 2^40 + 0x1b3, then the byte.
    const product = low * 0x1b3
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 2 ** 32) + (low << 8)) >>> 0
    low = (product ^ bytes[i]!) >>> 0
  }
  return high * 2 ** 21 + (low >>> 11)
}
