import { afterEach, describe, expect, it, vi } from 'vitest'
import { HTTPPool } from '../src/http-pool.ts'
import type { HTTPPoolOptions } from '../src/options.ts'
import { response } from './answers.ts'
import { ownerSeenBy, startPeers, TestPeer } from './cluster.ts'
import { rawPeer } from './raw-peer.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(() => Promise.all(closers.splice(0).map((close) => close())))

const keys = Array.from({ length: 200 }, (_, i) => `key-${i}`)

/** Two peers that have every key in memory, and a third one that joins them. */
async function joined(options: HTTPPoolOptions = {}) {
  const old = await startPeers(2, options)
  const joining = await TestPeer.start(options)
  const all = [...old, joining]
  for (const peer of all) closers.push(() => peer.stop())
  await Promise.all(keys.map((key) => old[0]?.group.get(key)))
  expect(old.flatMap(({ loads }) => loads).sort()).toEqual([...keys].sort())
  const before = new Map(keys.map((key) => [key, ownerSeenBy(old[0] as TestPeer, key)]))
  const urls = all.map(({ url }) => url)
  for (const { pool } of all) pool.set(...urls)
  const moved = keys.filter((key) => ownerSeenBy(joining, key) === joining.url)
  expect(moved.length).toBeGreaterThan(20)
  return { old, joining, all, urls, before, moved }
}

describe('a peer that joins', () => {
  it('takes over from the previous owners what they have in memory, and loads nothing', async () => {
    const { all, joining, before, moved } = await joined({
      timeoutMs: 60_000,
      handover: { timeoutMs: 60_000 },
    })
    for (const key of moved) expect(joining.pool.previousOwner(key)?.name).toBe(before.get(key))
    for (const { group } of all) {
      const values = await Promise.all(keys.map((key) => group.get(key)))
      expect(values).toEqual(keys.map((key) => `${key} of ${before.get(key)}`))
    }
    expect(joining.loads).toEqual([])
    expect(joining.group.stats.handovers).toBe(moved.length)
    expect(all.flatMap(({ loads }) => loads).length).toBe(keys.length)
  })

  it('loads what the previous owner has not', async () => {
    const { joining } = await joined({ handover: { timeoutMs: 60_000 } })
    const fresh = Array.from({ length: 100 }, (_, i) => `fresh-${i}`)
    const ours = fresh.filter((key) => joining.pool.owns(key))
    for (const key of ours) expect(await joining.group.get(key)).toBe(`${key} of ${joining.url}`)
    expect(joining.loads).toEqual(ours)
  })

  it('asks for many keys in few requests, and for what is in memory alone', async () => {
    const { old, joining, moved } = await joined({ timeoutMs: 60_000, handover: { timeoutMs: 60_000 } })
    const fresh = Array.from({ length: 100 }, (_, i) => `fresh-${i}`)
    const ours = fresh.filter((key) => joining.pool.owns(key))
    await joining.group.getMany([...moved, ...ours])
    expect(joining.loads.sort()).toEqual([...ours].sort())
    expect(old.flatMap(({ loads }) => loads).some((key) => ours.includes(key))).toBe(false)
    const { gets, batches, batchedGets } = joining.pool.stats
    expect(gets + batchedGets).toBe(moved.length + ours.length)
    expect(gets + batches).toBeLessThan(20)
  })

  it('goes on taking over when it is told the same peers again, in another order', async () => {
    const { joining, urls, moved, before } = await joined({ handover: { timeoutMs: 60_000 } })
    joining.pool.set(...[...urls].reverse())
    for (const key of moved) expect(joining.pool.previousOwner(key)?.name).toBe(before.get(key))
  })

  it('takes over also if it had said at first that it is alone', async () => {
    const pool = new HTTPPool('http://127.0.0.1:8001')
    closers.push(() => pool.close())
    pool.set(pool.self)
    expect(keys.every((key) => pool.previousOwner(key) === undefined)).toBe(true)
    pool.set(pool.self, 'http://127.0.0.1:8002')
    for (const key of keys) expect(pool.previousOwner(key)?.name).toBe('http://127.0.0.1:8002')
  })

  it('asks nobody where that is switched off', async () => {
    const { joining, moved } = await joined({ handover: false })
    expect(moved.every((key) => joining.pool.previousOwner(key) === undefined)).toBe(true)
    await Promise.all(moved.map((key) => joining.group.get(key)))
    expect(joining.loads.sort()).toEqual([...moved].sort())
  })

  it('asks for a while only', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    try {
      const pool = new HTTPPool('http://127.0.0.1:8001', { handover: { forMs: 1000 } })
      closers.push(() => pool.close())
      pool.set(pool.self, 'http://127.0.0.1:8002')
      vi.advanceTimersByTime(999)
      expect(pool.previousOwner('Tom')).toBeDefined()
      vi.advanceTimersByTime(2)
      expect(pool.previousOwner('Tom')).toBeUndefined()
    } finally {
      vi.useRealTimers()
    }
  })

  it('does not ask a peer that has left, or is left alone', async () => {
    const { old, joining, moved, before } = await joined({
      breaker: { hardFailures: 1 },
      handover: { timeoutMs: 60_000 },
    })
    const [first, second] = old as [TestPeer, TestPeer]
    const itsKeys = moved.filter((key) => before.get(key) === first.url)
    await first.kill()
    await joining.group.get(itsKeys[0] as string)
    expect(joining.loads).toEqual([itsKeys[0]])
    expect(itsKeys.every((key) => joining.pool.previousOwner(key) === undefined)).toBe(true)
    joining.pool.set(joining.url, second.url)
    expect(itsKeys.every((key) => joining.pool.previousOwner(key)?.name !== first.url)).toBe(true)
    joining.pool.set()
    expect(moved.every((key) => joining.pool.previousOwner(key) === undefined)).toBe(true)
  })

  it('does not ask a peer that is none of ours, and would load', async () => {
    await using foreign = await rawPeer((socket) => {
      socket.write(response('200 OK\ncontent-type: application/octet-stream\ncontent-length: 3', '630'))
    })
    const joining = await TestPeer.start()
    closers.push(() => joining.stop())
    joining.pool.set(joining.url, foreign.url)
    const ours = keys.filter((key) => joining.pool.owns(key)).slice(0, 10)
    for (const key of ours) {
      expect(joining.pool.previousOwner(key)?.name).toBe(foreign.url)
      expect(await joining.group.get(key)).toBe(`${key} of ${joining.url}`)
    }
    expect(foreign.requests).toEqual(['GET /_geecache/ HTTP/1.1'])
  })

  it('does not wait long for the previous owner', async () => {
    const { old, joining, moved } = await joined({ handover: { timeoutMs: 50 } })
    // They are known for peers of ours.
    await Promise.all(keys.filter((one) => !moved.includes(one)).map((one) => joining.group.get(one)))
    for (const { group } of old) vi.spyOn(group.local, 'ask').mockImplementation(() => {})
    const [key] = moved as [string]
    expect(await joining.group.get(key)).toBe(`${key} of ${joining.url}`)
  })
})
