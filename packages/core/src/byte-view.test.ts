import { describe, expect, it } from 'vitest'
import { ByteView } from './byte-view.ts'

describe('ByteView', () => {
  it('reads bytes by index, from the end if negative, and nothing outside', () => {
    const view = ByteView.from(new Uint8Array([1, 2, 3]))
    expect([view.length, view.at(0), view.at(-1), view.at(3)]).toEqual([3, 1, 3, undefined])
    expect([...view]).toEqual([1, 2, 3])
  })

  it('does not see later changes of what it was made from', () => {
    const source = new Uint8Array([1, 2, 3])
    const view = ByteView.from(source)
    source[0] = 9
    expect(view.at(0)).toBe(1)
  })

  it('hands out copies, so that nobody writes through it', () => {
    const view = ByteView.from('abc')
    view.toUint8Array().fill(0)
    view.slice(1).toUint8Array().fill(0)
    const target = new Uint8Array(4)
    view.copyTo(target, 1)
    target.fill(0)
    expect(view.toString()).toBe('abc')
  })

  it('has no property through which its bytes could be reached', () => {
    const view = ByteView.from('abc')
    expect(Reflect.ownKeys(view)).toEqual([])
  })

  it('takes and gives strings as UTF-8, byte order mark included', () => {
    expect(ByteView.from('\uFEFFhé€😀').toString()).toBe('\uFEFFhé€😀')
    expect(ByteView.from('é').length).toBe(2)
  })

  it('slices like an array', () => {
    expect(ByteView.from('geecache').slice(3, -1).toString()).toBe('cach')
  })

  it('equals a view or an array of the same bytes', () => {
    const view = ByteView.from('abc')
    expect(view.equals(ByteView.from('abc'))).toBe(true)
    expect(view.equals(new Uint8Array([97, 98, 99]))).toBe(true)
    expect(view.equals(ByteView.from('abd'))).toBe(false)
    expect(view.equals(ByteView.from('ab'))).toBe(false)
  })

  it('copies with its own hands: no method of the target gets hold of its bytes', () => {
    class Greedy extends Uint8Array {
      override set(bytes: Uint8Array): void {
        bytes[0] = 0
      }
    }
    const view = ByteView.from('abc')
    const target = new Greedy(3)
    view.copyTo(target)
    expect([view.toString(), [...target]]).toEqual(['abc', [97, 98, 99]])
  })

  it('refuses to copy beyond the end of the target', () => {
    expect(() => ByteView.from('abc').copyTo(new Uint8Array(3), 1)).toThrow(RangeError)
  })
})
