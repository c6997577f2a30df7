import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Arrears, type Owed } from './arrears.ts'
import type { PeerGetter } from './peers.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const peer: PeerGetter = { name: 'b', get: async () => ({ bytes: new Uint8Array() }) }

function arrears(tell: (peer: PeerGetter, owed: Owed) => Promise<void>) {
  const told: Owed[] = []
  const state = { isPeer: true }
  const owing = new Arrears(
    () => (state.isPeer ? peer : undefined),
    (to, owed) => {
      told.push(owed)
      return tell(to, owed)
    },
  )
  return { told, state, owing }
}

describe('Arrears', () => {
  it('tells a peer what it has missed, once it can be told, and then no more', async () => {
    let reachable = false
    const { told, owing } = arrears(async () => {
      if (!reachable) throw new Error('unreachable')
    })
    owing.owe(peer, ['a'])
    owing.owe(peer, ['b', 'a'])
    await vi.advanceTimersByTimeAsync(150)
    expect(told).toEqual([new Set(['a', 'b'])])
    reachable = true
    await vi.advanceTimersByTimeAsync(300)
    expect(told).toEqual([new Set(['a', 'b']), new Set(['a', 'b'])])
    expect(owing.size).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('comes back at growing intervals, of ten to fifteen seconds in the end', async () => {
    const { told, owing } = arrears(() => Promise.reject(new Error('unreachable')))
    owing.owe(peer, ['a'])
    await vi.advanceTimersByTimeAsync(60_000)
    const inFirstMinute = told.length
    expect(inFirstMinute).toBeGreaterThan(6)
    expect(inFirstMinute).toBeLessThan(13)
    await vi.advanceTimersByTimeAsync(600_000)
    expect(told.length - inFirstMinute).toBeGreaterThanOrEqual(39)
    expect(told.length - inFirstMinute).toBeLessThanOrEqual(61)
    owing.close()
  })

  it('adds what is owed while the peer is being told', async () => {
    let heard: () => void = () => {}
    const { told, owing } = arrears(() => new Promise((resolve) => (heard = resolve)))
    owing.owe(peer, ['a'])
    await vi.advanceTimersByTimeAsync(150)
    owing.owe(peer, ['b'])
    heard()
    await vi.advanceTimersByTimeAsync(150)
    expect(told).toEqual([new Set(['a']), new Set(['b'])])
    heard()
    await vi.advanceTimersByTimeAsync(0)
    expect(owing.size).toBe(0)
  })

  it('gives back what it owes, of some keys or of all, and tells nobody of that', async () => {
    const { told, owing } = arrears(async () => {})
    owing.owe(peer, ['a', 'b', 'c'])
    expect(owing.takeBack(['a', 'c', 'd'])).toEqual(new Map([[peer, new Set(['a', 'c'])]]))
    expect(owing.takeBack(['a'])).toEqual(new Map())
    await vi.advanceTimersByTimeAsync(150)
    expect(told).toEqual([new Set(['b'])])
    owing.owe(peer, 'all')
    expect(owing.takeBack(['a'])).toEqual(new Map())
    expect(owing.takeBack('all')).toEqual(new Map([[peer, 'all']]))
    await vi.advanceTimersByTimeAsync(150)
    expect(told).toHaveLength(1)
    expect([owing.size, vi.getTimerCount()]).toEqual([0, 0])
  })

  it('asks for everything to be dropped when the list grows too long', async () => {
    const { told, owing } = arrears(async () => {})
    owing.owe(
      peer,
      Array.from({ length: 10_001 }, (_, i) => `key-${i}`),
    )
    await vi.advanceTimersByTimeAsync(150)
    expect(told).toEqual(['all'])
  })

  it('names ten thousand keys one by one', async () => {
    const { told, owing } = arrears(async () => {})
    const keys = Array.from({ length: 10_000 }, (_, i) => `key-${i}`)
    owing.owe(peer, keys)
    await vi.advanceTimersByTimeAsync(150)
    expect(told).toEqual([new Set(keys)])
  })

  it('looks three hundred times for a peer that stays away', async () => {
    const find = vi.fn(() => undefined)
    const owing = new Arrears(find, async () => {})
    owing.owe(peer, ['a'])
    await vi.advanceTimersByTimeAsync(2 * 3600_000)
    expect(find).toHaveBeenCalledTimes(300)
    expect([owing.size, vi.getTimerCount()]).toEqual([0, 0])
  })

  it('looks for a peer that was back meanwhile as often again', async () => {
    const { told, state, owing } = arrears(() => Promise.reject(new Error('unreachable')))
    owing.owe(peer, ['a'])
    for (let i = 0; i < 2; i++) {
      told.length = 0
      state.isPeer = false
      await vi.advanceTimersByTimeAsync(40 * 60_000)
      expect([told.length, owing.size]).toEqual([0, 1])
      state.isPeer = true
      await vi.advanceTimersByTimeAsync(15_000)
      expect(told[0]).toEqual(new Set(['a']))
    }
    owing.close()
  })

  it('tells a peer that was none for a while when it is back, and forgets one that stays away', async () => {
    const { told, state, owing } = arrears(async () => {})
    owing.owe(peer, ['a'])
    state.isPeer = false
    await vi.advanceTimersByTimeAsync(60_000)
    expect([told, owing.size]).toEqual([[], 1])
    state.isPeer = true
    await vi.advanceTimersByTimeAsync(15_000)
    expect([told, owing.size]).toEqual([[new Set(['a'])], 0])
    owing.owe(peer, ['b'])
    state.isPeer = false
    await vi.advanceTimersByTimeAsync(2 * 3600_000)
    expect([owing.size, vi.getTimerCount()]).toEqual([0, 0])
  })

  it('knows a peer that was made anew by its name', async () => {
    const { told, owing } = arrears(async () => {})
    owing.owe(peer, ['a'])
    owing.owe({ ...peer }, ['b'])
    await vi.advanceTimersByTimeAsync(150)
    expect(told).toEqual([new Set(['a', 'b'])])
  })

  it('outlives a picker that throws', async () => {
    const told: Owed[] = []
    let broken = true
    const owing = new Arrears(
      () => {
        if (broken) throw new Error('discovery is down')
        return peer
      },
      async (_, owed) => void told.push(owed),
    )
    owing.owe(peer, ['a'])
    await vi.advanceTimersByTimeAsync(1000)
    broken = false
    await vi.advanceTimersByTimeAsync(10_000)
    expect(told).toEqual([new Set(['a'])])
  })

  it('leaves no timer when it is closed, also while a peer is being told', async () => {
    const { owing } = arrears(() => new Promise((_, reject) => setTimeout(reject, 1000)))
    owing.owe(peer, ['a'])
    await vi.advanceTimersByTimeAsync(150)
    owing.close()
    await vi.advanceTimersByTimeAsync(1000)
    owing.owe(peer, ['b'])
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('Arrears, as to when', () => {
  it('come back soon again once the peer has heard something', async () => {
    let heard: () => void = () => {}
    let fails = 5
    const { told, owing } = arrears(() => {
      if (fails-- > 0) return Promise.reject(new Error('unreachable'))
      return new Promise((resolve) => (heard = resolve))
    })
    owing.owe(peer, ['a'])
    await vi.advanceTimersByTimeAsync(20_000)
    expect(told).toHaveLength(6)
    owing.owe(peer, ['b'])
    heard()
    await vi.advanceTimersByTimeAsync(150)
    expect(told.at(-1)).toEqual(new Set(['b']))
    heard()
    await vi.advanceTimersByTimeAsync(0)
    expect(owing.size).toBe(0)
  })

  it.each([
    [0, 99, 100],
    [0.98, 148, 149],
  ])(
    'wait up to half as long again, by chance: at %d, told after %d to %d ms',
    async (chance, before, after) => {
      const random = vi.spyOn(Math, 'random').mockReturnValue(chance)
      const { told, owing } = arrears(async () => {})
      owing.owe(peer, ['a'])
      await vi.advanceTimersByTimeAsync(before)
      expect(told).toHaveLength(0)
      await vi.advanceTimersByTimeAsync(after - before)
      expect(told).toHaveLength(1)
      random.mockRestore()
    },
  )

  it('do not keep a process alive', () => {
    vi.useRealTimers()
    const later = vi.spyOn(globalThis, 'setTimeout')
    const { owing } = arrears(async () => {})
    owing.owe(peer, ['a'])
    const timer = later.mock.results[0]?.value as unknown as { hasRef(): boolean }
    expect(timer.hasRef()).toBe(false)
    owing.close()
    later.mockRestore()
  })
})
