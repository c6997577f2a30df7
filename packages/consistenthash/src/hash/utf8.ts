/**
 * The UTF-8 bytes of a string, read in place: no buffer, no copy.
 *
 * Bytes come packed into one number, the first byte lowest. A lone surrogate counts as U+FFFD, as in `TextEncoder`.
 */

/** The next four characters as four bytes, or -1 when they are not all ASCII or not all there. */
export function asciiWord(text: string, index: number): number {
  if (index + 4 > text.length) return -1
  const first = text.charCodeAt(index)
  const second = text.charCodeAt(index + 1)
  const third = text.charCodeAt(index + 2)
  const fourth = text.charCodeAt(index + 3)
  return (first | second | third | fourth) > 0x7f
    ? -1
    : first | (second << 8) | (third << 16) | (fourth << 24)
}

/** The one to four bytes of the character at `index`. One of four bytes takes two places in the string. */
export function utf8Character(text: string, index: number): number {
  let code = text.codePointAt(index)!
  if (code < 0x80) return code
  if (code < 0x800) return 0x80c0 | (code >> 6) | ((code & 63) << 8)
  if (code >> 11 === 0b11011) code = 0xfffd
  const last = 0x80 | (code & 63)
  const middle = 0x80 | ((code >> 6) & 63)
  if (code < 0x10000) return 0xe0 | (code >> 12) | (middle << 8) | (last << 16)
  return 0xf0 | (code >> 18) | ((0x80 | ((code >> 12) & 63)) << 8) | (middle << 16) | (last << 24)
}

/** How many bytes `utf8Character` packed: none after the first is zero, and only of four is the last the sign bit. */
export function byteCount(packed: number): number {
  return packed < 0 ? 4 : packed > 0xffff ? 3 : packed > 0xff ? 2 : 1
}
