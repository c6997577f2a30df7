import { HashRing } from '@geecache/consistenthash'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cluster } from './cluster.ts'
import { type Origin, valueMadeBy } from './origin.ts'
import type { PeerProcess } from './peer-process.ts'

let cluster: Cluster
let origin: Origin
let peers: readonly PeerProcess[]
let release: () => void
let held: Promise<void>

beforeAll(async () => {
  held = new Promise((resolve) => {
    release = resolve
  })
  // The cold key is answered only once every get of it is under way.
  cluster = await Cluster.start({
    origin: { ready: (key) => (key === 'cold' ? held : undefined) },
    settings: { pool: { timeoutMs: 30_000 } },
  })
  ;({ origin, peers } = cluster)
}, 60_000)

afterAll(() => cluster[Symbol.asyncDispose]())

describe('five processes', () => {
  it('load a cold key once for 10,000 gets that are spread over them', async () => {
    const gets = peers.map((peer) => peer.tell('getAtOnce', 'cold', 2000))
    // Answered in the order they were sent: when these come back, all gets are under way.
    const stats = await Promise.all(peers.map((peer) => peer.tell('stats')))
    expect(stats.map((one) => one.gets)).toEqual([2000, 2000, 2000, 2000, 2000])
    release()
    const values = await Promise.all(gets)
    expect(origin.loads.length).toBe(1)
    for (const value of values) expect(value).toEqual(origin.loads.map(valueMadeBy))
    const owner = new HashRing().add(...cluster.urls).get('cold')
    expect(origin.loads[0]).toMatchObject({ key: 'cold', peer: owner })
    const asked = await Promise.all(peers.map((peer) => peer.tell('stats')))
    expect(asked.reduce((sum, one) => sum + one.serverRequests, 0)).toBe(4)
  }, 60_000)

  it('load each of 100 keys once, by its owner, when all of them ask for all', async () => {
    const before = origin.loads.length
    const keys = Array.from({ length: 100 }, (_, i) => `key-${i}`)
    const values = await Promise.all(peers.map((peer) => peer.tell('getEach', keys)))
    const loads = origin.loads.slice(before)
    expect(loads.map(({ key }) => key).sort()).toEqual([...keys].sort())
    const ring = new HashRing().add(...cluster.urls)
    for (const { key, peer } of loads) expect(peer).toBe(ring.get(key))
    const expected = new Map(loads.map((load) => [load.key, valueMadeBy(load)]))
    for (const value of values) expect(value).toEqual(keys.map((key) => expected.get(key)))
  }, 60_000)
})
