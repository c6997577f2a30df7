import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyText, utf8 } from '../../test/texts.ts'
import { crc32 } from './crc32.ts'

test('crc32 has the check value of the CRC catalogue and the values that others get', () => {
  expect(crc32('')).toBe(0)
  expect(crc32('123456789')).toBe(0xcbf43926)
  expect(crc32('The quick brown fox jumps over the lazy dog')).toBe(0x414fa339)
  expect(crc32('0http://10.0.0.1:8001')).toBe(3276480745)
})

test('crc32 reads the UTF-8 bytes of any text', () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      expect(crc32(text)).toBe(bitByBit(utf8(text)))
    }),
    { numRuns: 300 },
  )
})

function bitByBit(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}
