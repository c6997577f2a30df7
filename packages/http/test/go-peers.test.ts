import { goRing, HashRing } from '@geecache/consistenthash'
import { NotFoundError } from '@geecache/core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { HTTPPoolOptions } from '../src/options.ts'
import { ownerSeenBy, TestPeer } from './cluster.ts'
import { buildGoPeer, GoPeer, type GoProgram, missingGo } from './go-peer.ts'

const isSkipped = missingGo !== undefined && process.env.CI === undefined
let program: GoProgram
beforeAll(() => {
  if (!isSkipped) program = buildGoPeer()
})
afterAll(() => program?.[Symbol.dispose]())

const closers: (() => Promise<unknown>)[] = []
afterEach(() => Promise.all(closers.splice(0).map((close) => close())))

const keys = Array.from({ length: 150 }, (_, i) => `key-${i}`)

const awkward = [
  'a b',
  'a+b',
  ' ',
  '+',
  'a%2Fb',
  '%',
  '%zz',
  'a/b',
  'trailing/',
  '?a=b&c#d',
  'ä€😀',
  'a\u0308',
  '\0',
  '\r\nx: y',
  '\\',
  ';,:@&=$!*\'()[]{}|^`"<>~',
  'x'.repeat(1000),
]
/** A Go ServeMux answers these with a redirect, to another key. */
const redirected = ['.', '..', '/', '/a', 'a//b', 'a/./b', 'a/../b', './a', 'a/..']

describe.skipIf(isSkipped).each<['groupcache' | 'geecache', HTTPPoolOptions]>([
  ['groupcache', { dialect: 'groupcache' }],
  ['geecache', { dialect: 'geecache', ring: goRing }],
])(`peers in Go and in TypeScript: %s${isSkipped ? ` (${missingGo})` : ''}`, (kind, options) => {
  async function cluster() {
    const go = await Promise.all([GoPeer.start(program, kind), GoPeer.start(program, kind)])
    const breaker = { hardFailures: 2, softFailures: 3, minDelayMs: 20, maxDelayMs: 50 }
    const ours = await Promise.all([
      TestPeer.start({ ...options, breaker }),
      TestPeer.start({ ...options, breaker }),
    ])
    const urls = [...go, ...ours].map(({ url }) => url)
    closers.push(...go.map((peer) => () => peer.kill()), ...ours.map((peer) => () => peer.stop()))
    await Promise.all(go.map((peer) => peer.setPeers(urls)))
    for (const { pool } of ours) pool.set(...urls)
    const ring = new HashRing(goRing).add(...urls)
    const ownerOf = (key: string) => ring.get(key) as string
    return { go, ours: ours as [TestPeer, TestPeer], urls, ownerOf }
  }

  it('have the same owners, and each other’s values', async () => {
    const { go, ours, ownerOf } = await cluster()
    const expected = keys.map((key) => `${key} of ${ownerOf(key)}`)
    for (const peer of ours) for (const key of keys) expect(ownerSeenBy(peer, key)).toBe(ownerOf(key))
    for (const peer of go) expect(await Promise.all(keys.map((key) => peer.get(key)))).toEqual(expected)
    for (const { group } of ours) {
      // At once, and one by one.
      expect(await Promise.all(keys.map((key) => group.get(key)))).toEqual(expected)
      const others = keys.map((key) => `${key}!`)
      for (const key of others) expect(await group.get(key)).toBe(`${key} of ${ownerOf(key)}`)
    }
    // Each was loaded once, by its owner.
    const loads = [...(await Promise.all(go.map((peer) => peer.loads()))), ...ours.map((peer) => peer.loads)]
    expect(loads.flat().sort()).toEqual([...keys, ...keys.map((key) => `${key}!`)].sort())
    // By now the peers in Go are known for what they are: asked for many keys at once, they get no batch any more.
    const ofGo = keys.map((key) => `${key}?`).filter((key) => go.some(({ url }) => url === ownerOf(key)))
    for (const { pool, group } of ours) {
      const { batches } = pool.stats
      await Promise.all(ofGo.map((key) => group.get(key)))
      expect(pool.stats.batches).toBe(batches)
    }
  })

  it('have each other’s values for awkward keys', async () => {
    const { go, ours, ownerOf } = await cluster()
    // Until each kind owns some of each.
    const some = awkward.flatMap((key) => [key, `${key}1`, `2${key}`])
    expect(new Set(some.map(ownerOf)).size).toBe(4)
    const goes = new Set(go.map(({ url }) => url))
    for (const key of some) {
      // Between two in Go, a space arrives as a plus.
      for (const peer of go) {
        const owner = ownerOf(key)
        if (peer.url === owner || !goes.has(owner)) expect(await peer.get(key)).toBe(`${key} of ${owner}`)
      }
      for (const { group } of ours) expect(await group.get(key)).toBe(`${key} of ${ownerOf(key)}`)
    }
  })

  it('never take one key for another where a Go ServeMux redirects: who asks loads', async () => {
    const { go, ours, ownerOf } = await cluster()
    const some = redirected.flatMap((key) =>
      key.length > 1 ? [key, `${key}/x1`, `${key}/x2`, `y/${key}`] : [key],
    )
    const goes = new Set(go.map(({ url }) => url))
    for (const key of some) {
      for (const peer of ours) {
        const value = await peer.group.get(key)
        if (goes.has(ownerOf(key)))
          expect(value).toMatch(new RegExp(` of (${ours.map(({ url }) => url).join('|')})$`))
        else expect(value).toBe(`${key} of ${ownerOf(key)}`)
        expect(value.startsWith(`${key} of `)).toBe(true)
        // Nothing is wrong with a peer that redirects.
        expect(peer.pool.stats.peers.filter(({ isOut }) => isOut)).toEqual([])
      }
      if (kind === 'groupcache' && !goes.has(ownerOf(key))) {
        for (const peer of go) expect(await peer.get(key)).toBe(`${key} of ${ownerOf(key)}`)
      }
    }
  })

  it('fall back when a getter has no value: each side asks its own', async () => {
    const { go, ours, ownerOf } = await cluster()
    const [here] = ours
    const its = Array.from({ length: 100 }, (_, i) => `missing-${i}`)
    // We get Go's 500 for a key of its own, and ask one another or load; many in a row say nothing about its health.
    const goes = its.filter((key) => go.some(({ url }) => url === ownerOf(key))).slice(0, 20)
    for (const key of goes) {
      const value = await here.group.get(key)
      expect(ours.map(({ url }) => `${key} of ${url}`)).toContain(value)
    }
    expect(here.pool.stats.peers.filter(({ isOut }) => isOut)).toEqual([])
    const loadsOfGo = (await Promise.all(go.map((peer) => peer.loads()))).flat()
    expect(goes.every((key) => loadsOfGo.includes(key))).toBe(true)
    // Go gets our 404 for a key of ours, loads, and fails itself.
    for (const peer of ours) {
      peer.load = (key) => {
        throw new NotFoundError(`${key} is not here`)
      }
    }
    const theirs = its.filter((key) => ours.some(({ url }) => url === ownerOf(key))).slice(0, 10)
    for (const key of theirs) expect(await go[0]?.get(key)).toBe(`error: ${key} not exist`)
    // Among ourselves not-found is final, and Go is not asked.
    const other = its.find((key) => ownerOf(key) === ours[1].url) as string
    await expect(here.group.get(other)).rejects.toMatchObject({ message: `${other} is not here` })
  })

  it('bear that one in Go dies, and find it again when it is back', async () => {
    const { go, ours, urls, ownerOf } = await cluster()
    const [here] = ours
    const gone = go[0] as GoPeer
    const its = keys.filter((key) => ownerOf(key) === gone.url)
    await here.group.get(its[0] as string)
    await gone.kill()
    for (const key of its.slice(1, 10)) {
      const value = await here.group.get(key)
      expect(value.startsWith(`${key} of `)).toBe(true)
      expect(value).not.toContain(gone.url)
    }
    const outs = () => here.pool.stats.peers.filter(({ isOut }) => isOut).map(({ url }) => url)
    expect(outs()).toEqual([gone.url])
    const back = await GoPeer.start(program, kind, gone.url)
    closers.push(() => back.kill())
    await back.setPeers(urls)
    await vi.waitFor(() => expect(outs()).toEqual([]), { timeout: 30_000 })
    const late = its[its.length - 1] as string
    expect(await here.group.get(late)).toBe(`${late} of ${gone.url}`)
  })

  it('bear that one of ours dies: Go loads', async () => {
    const { go, ours, ownerOf } = await cluster()
    const gone = ours[1]
    await gone.kill()
    for (const key of keys.filter((one) => ownerOf(one) === gone.url).slice(0, 5)) {
      expect(await go[0]?.get(key)).toBe(`${key} of ${go[0]?.url}`)
    }
  })

  it('say which of them could not be told of a removal: those in Go', async () => {
    const { go, ours } = await cluster()
    await expect(ours[0].group.remove('key-1')).rejects.toMatchObject({
      code: 'remove-incomplete',
      peers: expect.arrayContaining(go.map(({ url }) => url)),
    })
  })
})
