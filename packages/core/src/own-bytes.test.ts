import { describe, expect, it } from 'vitest'
import { ownBytes, plain } from './own-bytes.ts'

describe('bytes of a class of their own, such as Buffer', () => {
  class Sub extends Uint8Array {}
  const part = new Sub([97, 98, 99, 100]).subarray(1, 3)

  it('are the same ones as a plain array', () => {
    const bytes = plain(part)
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype)
    expect([...bytes]).toEqual([98, 99])
    expect(bytes.buffer).toBe(part.buffer)
  })

  it('are copied to be owned, unless nothing else is in theirs', () => {
    expect([...ownBytes(part)]).toEqual([98, 99])
    expect(ownBytes(part).buffer.byteLength).toBe(2)
    const whole = new Sub([1, 2])
    expect(ownBytes(whole).buffer).toBe(whole.buffer)
    expect(Object.getPrototypeOf(ownBytes(whole))).toBe(Uint8Array.prototype)
  })
})
