import { bytes, Group, isGeeCacheError, text } from '@geecache/core'
import { MemoryNetwork, type MemoryNetworkOptions } from '@geecache/core/testing'
import { describe, expect, it, vi } from 'vitest'

// What the test suites of Geecache's relatives check, each named for the suites that do: G golang/groupcache,
// M mailgun/groupcache, V groupcache-go (version 3), X galaxycache.

function alone(getter: (key: string) => string | undefined | Promise<string>, maxBytes = 2 ** 20) {
  const calls = vi.fn(getter)
  return { calls, group: new Group<string>({ name: 'g', maxBytes, codec: text(), getter: calls }) }
}

/** Peers whose loads are counted by peer. */
function cluster(names: readonly string[], options?: MemoryNetworkOptions) {
  const loads: Record<string, number> = Object.fromEntries(names.map((name) => [name, 0]))
  const network = new MemoryNetwork(options)
  const groups = Object.fromEntries(
    names.map((name) => {
      const group = new Group<string>({
        name: 'g',
        maxBytes: 2 ** 20,
        codec: text(),
        getter: (key) => {
          loads[name] = (loads[name] as number) + 1
          return `got:${key}`
        },
      })
      network.join(name, group)
      return [name, group]
    }),
  ) as Record<string, Group<string>>
  return { network, groups, loads, at: (name: string) => groups[name] as Group<string> }
}

const sum = (loads: Record<string, number>) => Object.values(loads).reduce((total, count) => total + count, 0)

describe('of the suites of the family', () => {
  it('GetDupSuppress (GMVX): two overlapping gets, one call, both get the value', async () => {
    let answer: (value: string) => void = () => {}
    const { calls, group } = alone(() => new Promise<string>((resolve) => (answer = resolve)))
    const both = [group.get('key'), group.get('key')]
    await Promise.resolve()
    answer('value')
    expect(await Promise.all(both)).toEqual(['value', 'value'])
    expect(calls).toHaveBeenCalledTimes(1)
  })

  it('Caching (GMVX): ten gets, one fill', async () => {
    const { calls, group } = alone((key) => `echo:${key}`)
    for (let i = 0; i < 10; i++) expect(await group.get('key')).toBe('echo:key')
    expect(calls).toHaveBeenCalledTimes(1)
  })

  it('CachingExpire (MVX): gets across the time to live fill twice', async () => {
    let now = 0
    const calls = vi.fn((key: string) => key)
    const group = new Group({
      name: 'g',
      maxBytes: 2 ** 20,
      codec: text(),
      getter: calls,
      ttlMs: 100,
      now: () => now,
    })
    for (now = 0; now < 200; now += 20) await group.get('key')
    expect(calls).toHaveBeenCalledTimes(2)
  })

  it('CachingWithAutoExpiryNoJitter (X): every second of ten gets half a life apart fills, and peers hear what is left', async () => {
    let now = 0
    const calls = vi.fn((key: string) => key)
    const options = { name: 'g', maxBytes: 2 ** 20, codec: text(), ttlMs: 60_000 }
    const group = new Group({ ...options, getter: calls, now: () => now })
    for (; now < 310_000; now += 31_000) {
      await group.get('key')
      const left = (await group.local.get('g', 'key')).ttlMs
      expect(left).toBe((now / 31_000) % 2 === 0 ? 60_000 : 29_000)
    }
    expect(calls).toHaveBeenCalledTimes(5)
  })

  it('CapExpiry (X): jitter only shortens a life, and by no more than its part', async () => {
    const options = {
      name: 'g',
      maxBytes: 2 ** 20,
      codec: text(),
      ttlMs: 1000,
      ttlJitter: 0.25,
      now: () => 0,
    }
    const group = new Group({ ...options, getter: (key: string) => key })
    const lives = new Set<number | undefined>()
    for (let i = 0; i < 200; i++) lives.add((await group.local.get('g', `${i}`)).ttlMs)
    for (const life of lives) {
      expect(life).toBeLessThanOrEqual(1000)
      expect(life).toBeGreaterThanOrEqual(750)
    }
    expect(lives.size).toBeGreaterThan(100)
  })

  it('GetsParallelManyKeys (X): whoever asks for what, in whatever order, gets its own value, loaded once', async () => {
    const { loads, at } = cluster(['a', 'b', 'c'])
    const gets = Array.from({ length: 3000 }, async (_, i) => {
      const key = `key ${(i * 7919) % 100}`
      expect(await at('abc'[i % 3] as string).get(key)).toBe(`got:${key}`)
    })
    await Promise.all(gets)
    expect(sum(loads)).toBe(100)
  })

  it('CacheEviction (GMVX): a flood evicts a key, which is filled again, once', async () => {
    const { calls, group } = alone((key) => key, 2 ** 16)
    await group.get('key')
    for (let i = 0; i < 1000; i++) await group.get(`flood ${i}`)
    expect(group.cacheStats('main').evictions).toBeGreaterThan(0)
    calls.mockClear()
    await group.get('key')
    await group.get('key')
    expect(calls).toHaveBeenCalledTimes(1)
  })

  it('Peers (GMVX): 200 keys over 4 peers, each loaded by its owner; then from memory', async () => {
    const { groups, loads, at } = cluster(['a', 'b', 'c', 'd'])
    for (let i = 0; i < 200; i++) expect(await at('a').get(`key ${i}`)).toBe(`got:key ${i}`)
    expect(sum(loads)).toBe(200)
    for (const count of Object.values(loads)) expect(count).toBeGreaterThan(20)
    for (let i = 0; i < 200; i++) await at('a').get(`key ${i}`)
    expect(sum(loads)).toBe(200)
    expect(groups.b?.stats.serverRequests).toBeGreaterThan(0)
  })

  it.each(['gone', 'failing'] as const)(
    'Peers (GMVX), one of them %s: every get is answered all the same',
    async (how) => {
      const { network, loads, at } = cluster(['a', 'b', 'c', 'd'], {
        ownerOf: (key) => 'abcd'[Number(key) % 4] as string,
        carry: async ({ to }) => {
          if (how === 'failing' && to === 'b') throw new Error('failing')
        },
      })
      if (how === 'gone') network.leave('b')
      for (let i = 0; i < 200; i++) expect(await at('a').get(`${i}`)).toBe(`got:${i}`)
      expect(loads).toEqual({ a: 100, b: 0, c: 50, d: 50 })
      expect(at('a').stats.peerErrors).toBe(50)
    },
  )

  it('TruncatingByteSliceTarget, AllocatingByteSliceTarget (GMV): what is handed out shares no memory that can be written', async () => {
    const group = new Group({
      name: 'g',
      maxBytes: 2 ** 20,
      codec: bytes(),
      getter: () => new Uint8Array([1, 2, 3]) as never,
    })
    const short = new Uint8Array(2)
    expect(() => group.peek('key')).not.toThrow()
    const view = await group.get('key')
    view.slice(0, 2).copyTo(short)
    short.fill(9)
    view.toUint8Array().fill(9)
    expect([...(await group.get('key'))]).toEqual([1, 2, 3])
  })

  it('NoDedup (GMVX): the same key loaded twice in turn is charged once', async () => {
    const { group } = alone((key) => key)
    await group.get('key')
    const { bytes: once } = group.cacheStats('main')
    await group.local.remove('g', ['key'], { round: 1 })
    await group.get('key')
    expect(group.cacheStats('main')).toMatchObject({ items: 1, bytes: once })
  })

  it('ContextDeadlineOnPeer (M): a caller whose time is up gets that, and no local load', async () => {
    const { loads, at } = cluster(['a', 'b'], {
      ownerOf: () => 'b',
      carry: () => new Promise<void>(() => {}),
    })
    const caller = new AbortController()
    const get = at('a').get('key', { signal: caller.signal })
    caller.abort(new Error('deadline'))
    await expect(get).rejects.toThrow('deadline')
    expect(sum(loads)).toBe(0)
  })

  it('EnsureSizeReportedCorrectly, EnsureUpdateExpiredValue (MV): overwriting charges the new size and its own life', async () => {
    let now = 0
    const group = new Group({
      name: 'g',
      maxBytes: 2 ** 20,
      codec: text(),
      getter: () => 'x',
      now: () => now,
    })
    await group.set('key', 'x', { ttlMs: 10 })
    const before = group.cacheStats('main').bytes
    await group.set('key', 'x'.repeat(101), { ttlMs: 100 })
    // A character costs its byte of UTF-8 and two decoded.
    expect(group.cacheStats('main').bytes - before).toBe(300)
    now = 50
    expect(group.peek('key')).toBe('x'.repeat(101))
    await group.remove('key')
    expect(group.cacheStats('main')).toMatchObject({ bytes: 0, items: 0 })
  })

  it('SetValueOnAllPeers, HttpTransport (V): after a set every peer answers with it, and no getter is called', async () => {
    const { loads, at } = cluster(['a', 'b', 'c'])
    await at('a').set('key', 'set')
    for (const name of ['a', 'b', 'c']) expect(await at(name).get('key')).toBe('set')
    expect(sum(loads)).toBe(0)
  })

  it('RemoveKeys, Empty, WithSlice, Stats (V): gone at the owners; nothing to do for none', async () => {
    const { loads, at } = cluster(['a', 'b', 'c'])
    const keys = Array.from({ length: 30 }, (_, i) => `key ${i}`)
    await at('a').getMany(keys)
    await at('b').removeMany([])
    await at('b').removeMany(keys)
    for (const name of ['a', 'b', 'c']) expect(at(name).cacheStats('main').items).toBe(0)
    await at('c').getMany(keys)
    expect(sum(loads)).toBe(60)
  })

  it('GalaxycacheGetWithPeek (X): a new owner takes a value over if the old one has it, else loads; a peek never loads', async () => {
    let owner = 'a'
    const { loads, at } = cluster(['a', 'b'], { ownerOf: () => owner, previousOwnerOf: () => 'a' })
    await at('a').get('warm')
    owner = 'b'
    expect([await at('b').get('warm'), await at('b').get('cold')]).toEqual(['got:warm', 'got:cold'])
    expect(loads).toEqual({ a: 1, b: 1 })
  })

  it('names of every kind round trip (M `a b/c,d`, X cachekey)', async () => {
    const { at } = cluster(['a', 'b'])
    for (const key of ['a b/c,d', '.', '..', 'a+b', '//x', '%2F', '\0', '😀']) {
      expect(await at('a').get(key)).toBe(`got:${key}`)
      expect(await at('b').get(key)).toBe(`got:${key}`)
    }
  })
})

describe('of what none of them tests', () => {
  it('rings that disagree, asked at once from both sides, settle: each loads for the other', async () => {
    const { at } = cluster(['a', 'b'], { ownerOf: (_, viewer) => (viewer === 'a' ? 'b' : 'a') })
    const gets = Array.from({ length: 20 }, (_, i) => at(i % 2 === 0 ? 'a' : 'b').get('key'))
    expect(new Set(await Promise.all(gets))).toEqual(new Set(['got:key']))
  })

  it('a cancel crosses two hops: the owner’s getter hears that the last caller has left', async () => {
    let aborted: () => void = () => {}
    const heard = new Promise<void>((resolve) => (aborted = resolve))
    const network = new MemoryNetwork({ ownerOf: () => 'b' })
    const getter = (_: string, { signal }: { signal: AbortSignal }) =>
      new Promise<string>(() => signal.addEventListener('abort', aborted))
    const [a, b] = ['a', 'b'].map((name) => {
      const group = new Group<string>({ name: 'g', maxBytes: 2 ** 20, codec: text(), getter })
      network.join(name, group)
      return group
    }) as [Group<string>, Group<string>]
    const caller = new AbortController()
    const get = a.get('key', { signal: caller.signal })
    await vi.waitFor(() => expect(b.stats.localLoads).toBe(1))
    caller.abort(new Error('left'))
    await expect(get).rejects.toThrow('left')
    await heard
  })

  it.each(['the request', 'the answer'] as const)(
    'a peer that hangs, rather than refuses (%s is lost): the get is answered after the deadline, and by one load here',
    async (lost) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      try {
        const { loads, at } = cluster(['a', 'b'], {
          ownerOf: () => 'b',
          timeoutMs: 1000,
          carry: ({ leg }) =>
            (leg === 'request') === (lost === 'the request')
              ? new Promise<void>(() => {})
              : Promise.resolve(),
        })
        const gets = Promise.all(Array.from({ length: 10 }, () => at('a').get('key')))
        await vi.advanceTimersByTimeAsync(1000)
        expect(new Set(await gets)).toEqual(new Set(['got:key']))
        expect(loads).toEqual({ a: 1, b: lost === 'the answer' ? 1 : 0 })
        expect(vi.getTimerCount()).toBe(0)
      } finally {
        vi.useRealTimers()
      }
    },
  )

  it('a membership that changes while a key is fetched: the get is answered, and nothing is kept in the wrong place', async () => {
    let owner = 'b'
    let open: () => void = () => {}
    const opened = new Promise<void>((resolve) => (open = resolve))
    const { at } = cluster(['a', 'b', 'c'], { ownerOf: () => owner, carry: () => opened })
    const get = at('a').get('key')
    owner = 'a'
    open()
    expect(await get).toBe('got:key')
    expect(at('a').cacheStats('main').items).toBe(0)
  })

  it('an oversize value is answered, not kept, and drives nobody out', async () => {
    const { group } = alone((key) => (key === 'large' ? 'x'.repeat(2 ** 20) : key))
    await group.get('small')
    expect((await group.get('large')).length).toBe(2 ** 20)
    expect([group.peek('small'), group.peek('large')]).toEqual(['small', undefined])
  })

  it('clocks that differ: only the time that is left crosses the network', async () => {
    const clocks = { a: 1e6, b: 5 }
    const network = new MemoryNetwork({ ownerOf: () => 'b' })
    const make = (name: 'a' | 'b') => {
      const group = new Group<string>({
        name: 'g',
        maxBytes: 2 ** 20,
        codec: text(),
        getter: () => 'value',
        ttlMs: 100,
        now: () => clocks[name],
      })
      network.join(name, group)
      return group
    }
    const [a] = [make('a'), make('b')]
    clocks.b += 60
    await a.get('key')
    await a.get('key')
    expect(a.peek('key')).toBe('value')
    clocks.a += 100
    expect(a.peek('key')).toBeUndefined()
  })

  it('keys that are none, and groups that are unknown, are refused by name', async () => {
    const { group } = alone((key) => key)
    for (const key of ['', '\ud800', 5]) {
      const error = await group.get(key as string).catch((reason: unknown) => reason)
      expect(isGeeCacheError(error, 'invalid-key')).toBe(true)
    }
    await expect(group.local.get('other', 'key')).rejects.toMatchObject({ code: 'group-unknown' })
  })
})
