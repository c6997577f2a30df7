import { describe, expect, it } from 'vitest'
import { HotKeys } from './hot-keys.ts'

function hotKeys(ttlMs = 10_000) {
  const clock = { time: 0 }
  return { clock, keys: new HotKeys(ttlMs, () => clock.time) }
}

/** Two more, so that there are three processes. */
const others = () => ['there', 'elsewhere']

describe('HotKeys', () => {
  it('takes a key for hot that is fetched again within the life of a copy', () => {
    const { keys } = hotKeys()
    expect([
      keys.fetched('Tom', 0, others),
      keys.fetched('Sam', 0, others),
      keys.fetched('Tom', 0, others),
    ]).toEqual([false, false, true])
  })

  it('lets it cool down', () => {
    const { keys, clock } = hotKeys()
    keys.fetched('Tom', 0, others)
    clock.time = 10_000
    expect(keys.fetched('Tom', 0, others)).toBe(false)
  })

  it('keeps a key hot whose copy has answered gets, though nobody had to fetch it', () => {
    const { keys, clock } = hotKeys()
    keys.answered('Tom', 100)
    keys.answered('Sam', 0)
    clock.time = 10_000
    expect([keys.fetched('Tom', 0, others), keys.fetched('Sam', 0, others)]).toEqual([true, false])
  })

  it('takes the owner’s word for a key that the whole cluster asks for, at the first fetch', () => {
    const { keys } = hotKeys(10_000)
    // In 10 s, 3 processes ask 6 times: twice each.
    expect(keys.fetched('Tom', 0.6, others)).toBe(true)
    expect(keys.fetched('Sam', 0.5, others)).toBe(false)
  })

  it('does so for copies that live for ever, too, and not for a key that nobody asks for', () => {
    const { keys } = hotKeys(Number.POSITIVE_INFINITY)
    expect([keys.fetched('Tom', 0.6, others), keys.fetched('Sam', 0, others)]).toEqual([true, false])
  })

  it('counts processes no further than it has to', () => {
    const { keys } = hotKeys(10_000)
    let counted = 0
    function* thousand() {
      for (; counted < 1000; counted++) yield counted
    }
    expect(keys.fetched('Tom', 0.6, thousand)).toBe(false)
    expect(counted).toBe(2)
    expect(keys.fetched('Sam', 0.1, thousand)).toBe(false)
    expect(counted).toBe(2)
  })

  it.each([[Number.POSITIVE_INFINITY], [Number.NaN], [-1e9], ['99' as never], [null as never]])(
    'does not take %j for the owner’s word',
    (qps) => {
      const { keys } = hotKeys()
      expect(keys.fetched('Tom', qps, others)).toBe(false)
      expect(keys.fetched('Tom', qps, others)).toBe(true)
    },
  )

  it('tells how many requests a second a key gets, within a factor of two', () => {
    const { keys, clock } = hotKeys(10_000)
    let rate = 0
    for (let second = 0; second < 60; second++) {
      clock.time = second * 1000
      for (let i = 0; i < 20; i++) rate = keys.served('Tom')
    }
    expect(rate).toBeGreaterThan(10)
    expect(rate).toBeLessThan(40)
  })
})

describe('HotKeys, to a peer', () => {
  it('tell the rate as if one and a half periods had passed, for counts hold one to two', () => {
    const { keys } = hotKeys(10_000)
    let rate = 0
    for (let i = 0; i < 30; i++) rate = keys.served('Tom')
    expect(rate).toBe(2)
  })
})
