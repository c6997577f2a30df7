import { describe, expect, it, vi } from 'vitest'
import { text } from './codec.ts'
import { Group } from './group.ts'
import { Holdings } from './holdings.ts'
import { LocalPeer } from './local-peer.ts'
import { Lookup } from './lookup.ts'
import { type GroupOptions, resolveOptions } from './options.ts'
import { Origin } from './origin.ts'
import { newGroupCounters } from './stats.ts'

function scores(options: Partial<GroupOptions<string>> = {}) {
  const getter = vi.fn(async (key: string): Promise<string | undefined> => `${key} loaded`)
  const group = new Group<string>({ name: 'scores', maxBytes: 2 ** 20, codec: text(), getter, ...options })
  return { group, getter }
}

const encoded = (value: string) => ({ bytes: new TextEncoder().encode(value) })

describe('a request from a peer for what is cached only', () => {
  it('is answered from memory, and neither loads nor waits for a load', async () => {
    const { group, getter } = scores()
    const ask = () => group.local.get('scores', 'Tom', { onlyIfCached: true })
    await expect(ask()).rejects.toMatchObject({ code: 'not-cached' })
    expect(getter).not.toHaveBeenCalled()
    const get = group.get('Tom')
    await expect(ask()).rejects.toMatchObject({ code: 'not-cached' })
    await get
    expect(await ask()).toEqual(encoded('Tom loaded'))
    expect(group.stats).toMatchObject({ serverRequests: 0, localLoads: 1 })
  })

  it('gets nothing stale, and sets off no refresh', async () => {
    let time = 0
    const { group, getter } = scores({ now: () => time, ttlMs: 10, staleWhileRevalidateMs: 100 })
    await group.get('Tom')
    time = 10
    await expect(group.local.get('scores', 'Tom', { onlyIfCached: true })).rejects.toMatchObject({
      code: 'not-cached',
    })
    expect(getter).toHaveBeenCalledTimes(1)
  })

  it('gets no copy of what another peer has', async () => {
    const peer = { name: 'b', get: async () => encoded('a copy') }
    const { group } = scores({ peers: { pickPeer: () => peer } })
    await group.get('Tom')
    await group.get('Tom')
    expect(group.peek('Tom')).toBe('a copy')
    await expect(group.local.get('scores', 'Tom', { onlyIfCached: true })).rejects.toMatchObject({
      code: 'not-cached',
    })
  })

  it('is told of an absence that is remembered', async () => {
    const { group } = scores({ getter: () => undefined, notFoundTtlMs: 1000 })
    await expect(group.get('Tom')).rejects.toMatchObject({ code: 'not-found' })
    await expect(group.local.get('scores', 'Tom', { onlyIfCached: true })).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})

describe('a request from a peer', () => {
  it('counts as a use of what it is answered with, and not of a copy that it may not have', async () => {
    const { group } = scores({
      peers: {
        pickPeer: (key) => (key === 'Tom' ? { name: 'b', get: async () => encoded('a copy') } : undefined),
      },
    })
    for (const key of ['Tom', 'Tom', 'Jack']) await group.get(key)
    const before = { main: group.cacheStats('main'), hot: group.cacheStats('hot') }
    await group.local.get('scores', 'Jack')
    expect(group.cacheStats('main').hits).toBe(before.main.hits + 1)
    expect(group.peek('Tom')).toBe('a copy')
    await group.local.get('scores', 'Tom')
    expect(group.cacheStats('hot').hits).toBe(before.hot.hits)
  })
})

describe('a request from a peer, answered', () => {
  it('says how often the key is asked for, which makes it hot for who asks, and how long the value lives', async () => {
    const { group } = scores({ hot: { ttlMs: 1000 }, now: () => 0 })
    const rates: unknown[] = []
    for (let i = 0; i < 3; i++) rates.push((await group.local.get('scores', 'Tom')).qps)
    expect(rates).toEqual([1 / 1.5, 2 / 1.5, 3 / 1.5])
    await group.local.set('scores', 'Jack', encoded('for ever'))
    await group.local.set('scores', 'Sam', { ...encoded('for a while'), ttlMs: 500 })
    expect((await group.local.get('scores', 'Jack')).ttlMs).toBeUndefined()
    expect((await group.local.get('scores', 'Sam')).ttlMs).toBe(500)
  })
})

describe('what a peer says of another group, of no key, or to a group that is closed', () => {
  it('changes nothing, and is refused', async () => {
    const { group } = scores()
    await group.get('Tom')
    const { local } = group
    for (const round of [1, 2] as const) {
      await expect(local.remove('others', ['Tom'], { round })).rejects.toMatchObject({
        code: 'group-unknown',
      })
      await expect(local.clear('others', { round })).rejects.toMatchObject({ code: 'group-unknown' })
    }
    await expect(local.set('others', 'Tom', encoded('x'))).rejects.toMatchObject({ code: 'group-unknown' })
    await expect(local.set('scores', '', encoded('x'))).rejects.toMatchObject({ code: 'invalid-key' })
    expect(group.peek('Tom')).toBe('Tom loaded')
    await group.close()
    await expect(local.set('scores', 'Tom', encoded('x'))).rejects.toMatchObject({ code: 'closed' })
  })
})

describe('a removal by a peer', () => {
  it('leaves no note of what is no key here', async () => {
    const options = resolveOptions<string>({ name: 'scores', maxBytes: 2 ** 20, getter: (key) => key })
    const holdings = new Holdings(options)
    holdings.peers = { pickPeer: () => undefined, previousOwner: () => undefined }
    const lookup = new Lookup(options, newGroupCounters(), holdings, new Origin(options, newGroupCounters()))
    const local = new LocalPeer(options, newGroupCounters(), holdings, lookup)
    await local.remove('scores', ['x'.repeat(1025), ''], { round: 1, reservation: 'a' })
    expect([holdings.embargo.size, holdings.reservations.size]).toEqual([0, 0])
    await local.remove('scores', ['', 'x'.repeat(1024)], { round: 1, reservation: 'a' })
    expect([holdings.embargo.size, holdings.reservations.size]).toEqual([1, 1])
  })
})

describe('a reservation', () => {
  it('is made in the first round only, and for the first key', async () => {
    const { group } = scores()
    const { local } = group
    await local.remove('scores', ['Tom'], { round: 2, reservation: 'a' })
    await local.set('scores', 'Tom', encoded('set'), { reservation: 'a' })
    expect(group.peek('Tom')).toBeUndefined()
    await local.remove('scores', ['Tom'], { round: 1, reservation: 'a' })
    await local.set('scores', 'Tom', encoded('not this'), { reservation: 'b' })
    expect(group.peek('Tom')).toBeUndefined()
    await local.set('scores', 'Tom', encoded('set'), { reservation: 'a' })
    expect(group.peek('Tom')).toBe('set')
    await local.set('scores', 'Tom', encoded('by who reserves nothing'))
    expect(group.peek('Tom')).toBe('by who reserves nothing')
  })
})

describe('requests from peers that come in one turn', () => {
  it('become one call of batchGetter, each with its own outcome', async () => {
    const batchGetter = vi.fn(async (keys: readonly string[]) =>
      keys.map((key) => (key === 'none' ? undefined : `${key} loaded`)),
    )
    const { group } = scores({ batchGetter })
    await group.get('held')
    const asked = ['Tom', 'none', 'held', 'Jack', 'Tom'].map((key) => group.local.get('scores', key))
    const outcomes = await Promise.allSettled(asked)
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ])
    expect(batchGetter.mock.calls.map(([keys]) => keys)).toEqual([['held'], ['Tom', 'none', 'Jack']])
    expect(group.stats.serverRequests).toBe(5)
  })
})

describe('what a peer sets', () => {
  it.each([
    ['no bytes', { bytes: 'x' }],
    ['a time to live that is a string', { ...encoded('x'), ttlMs: '5' }],
    ['a time to live below zero', { ...encoded('x'), ttlMs: -1 }],
  ])('is refused when it is %s', async (_, value) => {
    const { group } = scores()
    await expect(group.local.set('scores', 'Tom', value as never)).rejects.toMatchObject({
      code: 'codec-failed',
    })
    expect(group.peek('Tom')).toBeUndefined()
  })
})
