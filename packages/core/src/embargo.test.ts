import { describe, expect, it } from 'vitest'
import { Embargo } from './embargo.ts'

describe('Embargo', () => {
  it('holds for a minute, of a key or of all', () => {
    let now = 0
    const embargo = new Embargo(() => now)
    expect(embargo.has('Tom')).toBe(false)
    embargo.add('Tom')
    expect([embargo.has('Tom'), embargo.has('Jack')]).toEqual([true, false])
    now = 59_999
    expect(embargo.has('Tom')).toBe(true)
    now = 60_000
    expect(embargo.has('Tom')).toBe(false)
    embargo.addAll()
    now = 119_999
    expect(embargo.has('Jack')).toBe(true)
    now = 120_000
    expect(embargo.has('Jack')).toBe(false)
  })

  it('begins anew when a key is removed again', () => {
    let now = 0
    const embargo = new Embargo(() => now)
    embargo.add('Tom')
    embargo.add('Jack')
    now = 40_000
    embargo.add('Tom')
    now = 70_000
    embargo.add('Sam')
    expect([embargo.has('Tom'), embargo.has('Jack'), embargo.has('Sam')]).toEqual([true, false, true])
    expect(embargo.size).toBe(2)
  })

  it('notes ten thousand keys, then is for all', () => {
    let now = 0
    const embargo = new Embargo(() => now)
    for (let i = 0; i < 10_000; i++) embargo.add(`key ${i}`)
    expect([embargo.size, embargo.has('Tom')]).toEqual([10_000, false])
    now = 1
    embargo.add('Jack')
    expect([embargo.size, embargo.has('Tom'), embargo.has('key 0')]).toEqual([0, true, true])
    now = 60_001
    expect(embargo.has('Tom')).toBe(false)
  })
})
