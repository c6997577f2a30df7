/** The MD5 of the UTF-8 bytes of `text` (RFC 1321) in lower-case hexadecimal. To place points, never to keep secrets. */
export function md5(text: string): string {
  const bytes = new TextEncoder().encode(text)
  // The text, a one bit, zeros, the length in bits: whole blocks of 64 bytes.
  const message = new DataView(new ArrayBuffer(((bytes.length + 72) >> 6) * 64))
  new Uint8Array(message.buffer).set(bytes)
  message.setUint8(bytes.length, 0x80)
  message.setUint32(message.byteLength - 8, bytes.length * 8, true)
  let state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]
  for (let block = 0; block < message.byteLength; block += 64) {
    let [a, b, c, d] = state as [number, number, number, number]
    for (let step = 0; step < 64; step++) {
      const round = step >> 4
      const mixed = [(b & c) | (~b & d), (b & d) | (c & ~d), b ^ c ^ d, c ^ (b | ~d)][round]!
      const place = (step * [1, 5, 3, 7][round]! + [0, 1, 5, 0][round]!) & 15
      const sine = Math.floor(Math.abs(Math.sin(step + 1)) * 2 ** 32)
      const sum = a + mixed + sine + message.getInt32(block + place * 4, true)
      const turn = TURNS[round * 4 + (step & 3)]!
      const next = b + ((sum << turn) | ((sum | 0) >>> (32 - turn)))
      ;[a, b, c, d] = [d, next, b, c]
    }
    state = [a, b, c, d].map((value, i) => value + state[i]!)
  }
  for (const [i, value] of state.entries()) message.setUint32(i * 4, value, true)
  return [...new Uint8Array(message.buffer, 0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

const TURNS: readonly number[] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]
