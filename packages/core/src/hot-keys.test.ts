import { describe, expect, it } from 'vitest'
import { HotKeys } from './hot-keys.ts'

describe('HotKeys', () => {
  it('takes a key for hot when it is fetched again', () => {
    const keys = new HotKeys()
    expect([keys.note('Tom'), keys.note('Sam'), keys.note('Tom'), keys.note('Tom')]).toEqual([
      false,
      false,
      true,
      true,
    ])
  })

  it('forgets a key after 1,024 others', () => {
    const keys = new HotKeys()
    keys.note('Tom')
    for (let i = 0; i < 1024; i++) keys.note(`player-${i}`)
    expect(keys.note('Tom')).toBe(false)
  })
})
