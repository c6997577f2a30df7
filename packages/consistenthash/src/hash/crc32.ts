import { bytes, utf8 } from './utf8.ts'

/** CRC-32 of the UTF-8 bytes of `text`, unsigned: the one of IEEE 802.3, zlib and Go's `crc32.ChecksumIEEE`. */
export function crc32(text: string): number {
  let crc = -1
  for (let i = 0, length = utf8(text); i < length; i++) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[i]!) & 255]!
  return ~crc >>> 0
}

/** The remainder of each byte by the polynomial, bits reflected. */
const TABLE: Int32Array = /* @__PURE__ */ new Int32Array(256).map((_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = (byte >>> 1) ^ (byte & 1 && 0xedb88320)
  return byte
})
