import { afterEach, describe, expect, it, vi } from 'vitest'
import { text } from './codec.ts'
import { valueEntry } from './entry.ts'
import { RemoveIncompleteError } from './errors.ts'
import { Group } from './group.ts'
import { Holdings } from './holdings.ts'
import { resolveOptions } from './options.ts'
import type { PeerGetter } from './peers.ts'
import { Removals } from './removals.ts'
import { MemoryNetwork, type MemoryNetworkOptions, type Message } from './testing/memory-network.ts'

const groups: Group<string>[] = []
afterEach(async () => {
  vi.useRealTimers()
  await Promise.all(groups.splice(0).map((group) => group.close()))
})

/** Peers a, b and c, of which a owns every key; the origin answers with a version. */
function cluster(options: MemoryNetworkOptions = {}) {
  const world = { version: 1, load: async (_by: string, _value: string) => {} }
  const network = new MemoryNetwork({ ownerOf: () => 'a', ...options })
  const at = (name: string) => {
    const group = new Group<string>({
      name: 'g',
      maxBytes: 2 ** 20,
      codec: text(),
      ttlMs: 60_000,
      getter: async () => {
        const value = `v${world.version}`
        await world.load(name, value)
        return value
      },
    })
    groups.push(group)
    network.join(name, group)
    return group
  }
  return { world, network, a: at('a'), b: at('b'), c: at('c') }
}

function gate() {
  let open: () => void = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

/** Has a group fetch a key until it keeps a copy. */
async function makeHot(group: Group<string>, key: string): Promise<void> {
  for (let i = 0; i < 10 && group.peek(key) === undefined; i++) await group.get(key)
  expect(group.peek(key)).toBeDefined()
}

describe.each(['remove', 'removeMany', 'clear'] as const)('%s', (call) => {
  const take = (group: Group<string>, key: string) =>
    call === 'remove'
      ? group.remove(key)
      : call === 'removeMany'
        ? group.removeMany([key, key])
        : group.clear()

  it('drops a value everywhere, whoever asks for it', async () => {
    const { world, a, b, c } = cluster()
    await a.get('key')
    await makeHot(b, 'key')
    await makeHot(c, 'key')
    world.version = 2
    await take(c, 'key')
    expect([a.peek('key'), b.peek('key'), c.peek('key')]).toEqual([undefined, undefined, undefined])
    expect(await Promise.all([a.get('key'), b.get('key'), c.get('key')])).toEqual(['v2', 'v2', 'v2'])
  })

  it('does not let a load that was in flight fill the cache; those who waited get its answer', async () => {
    const { world, a } = cluster()
    const { opened, open } = gate()
    world.load = () => opened
    const old = a.get('key')
    world.version = 2
    await take(a, 'key')
    world.load = async () => {}
    expect(await a.get('key')).toBe('v2')
    open()
    expect(await old).toBe('v1')
    expect(a.peek('key')).toBe('v2')
  })

  it('does not let a fetch that was in flight leave a copy', async () => {
    let hold: Promise<void> | undefined
    const { world, b, c } = cluster({
      carry: async ({ call, leg }) => {
        if (call === 'get' && leg === 'answer') await hold
      },
    })
    await makeHot(b, 'key')
    await b.remove('key')
    const { opened, open } = gate()
    hold = opened
    const old = b.get('key')
    await Promise.resolve()
    world.version = 2
    await take(c, 'key')
    hold = undefined
    open()
    expect(await old).toMatch(/v[12]/)
    expect(b.peek('key')).not.toBe('v1')
    expect(await b.get('key')).toBe('v2')
  })

  it('names the peers that could not be told; the other copies are gone all the same, and it tells them later', async () => {
    vi.useFakeTimers()
    let cut = false
    const { world, a, b, c } = cluster({
      carry: async ({ to, call }) => {
        if (cut && to === 'b' && call !== 'get') throw new Error('connection refused')
      },
    })
    await a.get('key')
    await makeHot(b, 'key')
    cut = true
    world.version = 2
    const error = await take(c, 'key').catch((reason) => reason)
    expect(error).toBeInstanceOf(RemoveIncompleteError)
    expect(error).toMatchObject({
      code: 'remove-incomplete',
      peers: ['b'],
      message: 'not told yet, and may answer with old values until they are, which goes on by itself: b',
      cause: { message: 'connection refused' },
    })
    expect([a.peek('key'), b.peek('key'), c.peek('key')]).toEqual([undefined, 'v1', undefined])
    await vi.advanceTimersByTimeAsync(1000)
    expect(b.peek('key')).toBe('v1')
    cut = false
    await vi.advanceTimersByTimeAsync(5000)
    expect(b.peek('key')).toBeUndefined()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('lets a caller leave, and goes on', async () => {
    const { opened, open } = gate()
    const { a, b } = cluster({
      carry: async ({ call, leg }) => {
        if (call !== 'get' && leg === 'request') await opened
      },
    })
    await a.get('key')
    const caller = new AbortController()
    const options = { signal: caller.signal }
    const leaving =
      call === 'remove'
        ? b.remove('key', options)
        : call === 'removeMany'
          ? b.removeMany(['key'], options)
          : b.clear(options)
    caller.abort(new Error('left'))
    await expect(leaving).rejects.toThrow('left')
    expect(a.peek('key')).toBe('v1')
    open()
    await vi.waitFor(() => expect(a.peek('key')).toBeUndefined())
  })
})

describe.each(['remove', 'clear', 'set'] as const)('round two of %s', (call) => {
  it.each([
    ['drops the copy of', false],
    ['does not keep what is still on its way to', true],
  ])(
    '%s a peer that was told early, and fetched the old value from one that had not been told yet',
    async (_, isLate) => {
      let holdRequest: Promise<void> | undefined
      let holdAnswer: Promise<void> | undefined
      const { world, a, b, c } = cluster({
        ownerOf: () => 'c',
        carry: async ({ to, call: sent, leg }) => {
          if (sent !== 'get' && to === 'c' && leg === 'request') await holdRequest
          if (sent === 'get' && leg === 'answer') await holdAnswer
        },
      })
      await makeHot(b, 'key')
      world.version = 2
      const [request, answer] = [gate(), gate()]
      holdRequest = request.opened
      if (isLate) holdAnswer = answer.opened
      const change = call === 'remove' ? a.remove('key') : call === 'clear' ? a.clear() : a.set('key', 'v2')
      await settle()
      const old = b.get('key')
      await settle()
      if (!isLate) expect(await old).toBe('v1')
      request.open()
      await change
      holdAnswer = undefined
      answer.open()
      expect(await old).toBe('v1')
      expect(await b.get('key')).toBe('v2')
      expect(await c.get('key')).toBe('v2')
    },
  )

  it('drops what the caller himself has fetched from a peer that had not been told yet', async () => {
    const { opened, open } = gate()
    const { a } = cluster({
      ownerOf: () => 'c',
      carry: async ({ to, call: sent, leg }) => {
        if (sent !== 'get' && to === 'c' && leg === 'request') await opened
      },
    })
    await makeHot(a, 'key')
    const change = call === 'remove' ? a.remove('key') : call === 'clear' ? a.clear() : a.set('key', 'v2')
    expect(a.peek('key')).toBeUndefined()
    await a.get('key')
    expect(a.peek('key')).toBe('v1')
    open()
    await change
    expect(a.peek('key')).toBeUndefined()
  })

  it('spares what the caller himself has loaded since the first', async () => {
    const { opened, open } = gate()
    const { a } = cluster({
      ownerOf: () => 'a',
      carry: async ({ call: sent, leg }) => {
        if (sent !== 'get' && leg === 'request') await opened
      },
    })
    const change =
      call === 'remove' ? a.remove('key') : call === 'clear' ? a.clear() : a.set('other key', 'v2')
    await a.get('key')
    open()
    await change
    expect(a.peek('key')).toBe('v1')
  })

  it('reaches a peer that has missed the first', async () => {
    let lost = 0
    const { a, b } = cluster({
      ownerOf: () => 'c',
      carry: async ({ to, call: sent, leg }) => {
        if (sent !== 'get' && to === 'b' && leg === 'request' && lost++ === 0) throw new Error('lost')
      },
    })
    await makeHot(b, 'key')
    const change = call === 'remove' ? a.remove('key') : call === 'clear' ? a.clear() : a.set('key', 'v2')
    await expect(change).rejects.toMatchObject({ peers: ['b'] })
    expect(b.peek('key')).toBeUndefined()
  })

  it('does not wait for a peer that has left after the first', async () => {
    const { network, a } = cluster({
      carry: async ({ to, call: sent, leg }) => {
        if (sent !== 'get' && to === 'c' && leg === 'answer') network.leave('c')
      },
    })
    await (call === 'remove' ? a.remove('key') : call === 'clear' ? a.clear() : a.set('key', 'v2'))
    expect(network.peers).toEqual(['a', 'b'])
  })
})

/** Lets everything run that waits for nothing but promises. */
async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve()
}

describe('a peer that joins while a removal is told', () => {
  it('is told as well, and drops what it loaded before', async () => {
    const { opened, open } = gate()
    const { world, network, a, b } = cluster({
      ownerOf: (_, viewer) => viewer,
      carry: async ({ call, leg }) => {
        if (call === 'remove' && leg === 'answer') await opened
      },
    })
    const late = new Group<string>({
      name: 'g',
      maxBytes: 2 ** 20,
      codec: text(),
      getter: () => `v${world.version}`,
    })
    groups.push(late)
    await a.get('key')
    world.version = 1
    const removal = (async () => {
      world.version = 2
      await b.remove('key')
    })()
    await settle()
    world.version = 1
    await late.get('key')
    world.version = 2
    network.join('late', late)
    open()
    await removal
    expect(await late.get('key')).toBe('v2')
  })
})

describe('a picker that does not list its peers', () => {
  it('has the owner told again, too', async () => {
    vi.useFakeTimers()
    let cut = true
    const removed: (readonly string[])[] = []
    const owner = {
      name: 'owner',
      get: async () => ({ bytes: new Uint8Array() }),
      remove: async (_group: string, keys: readonly string[]) => {
        if (cut) throw new Error('connection refused')
        removed.push(keys)
      },
    }
    const group = new Group<string>({ name: 'g', maxBytes: 2 ** 20, codec: text(), getter: () => 'x' })
    groups.push(group)
    group.registerPeers({ pickPeer: () => owner })
    await expect(group.remove('key')).rejects.toMatchObject({ code: 'remove-incomplete', peers: ['owner'] })
    cut = false
    await vi.advanceTimersByTimeAsync(1000)
    expect(removed[0]).toEqual(['key'])
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('removeMany', () => {
  it('tells each peer once a round, however many keys', async () => {
    const messages: Message[] = []
    const { b } = cluster({
      carry: async (message) => {
        if (message.leg === 'request') messages.push(message)
      },
    })
    await b.removeMany(new Set(['x', 'y', 'z']))
    expect(messages.map(({ to, call, keys }) => `${call} ${keys.join()} at ${to}`).sort()).toEqual([
      'remove x,y,z at a',
      'remove x,y,z at a',
      'remove x,y,z at c',
      'remove x,y,z at c',
    ])
    await b.removeMany([])
    expect(messages.length).toBe(4)
  })

  it('checks all keys before it tells anybody', async () => {
    const carry = vi.fn(async () => {})
    const { b } = cluster({ carry })
    await expect(b.removeMany(['x', ''])).rejects.toMatchObject({ code: 'invalid-key' })
    await expect(b.removeMany('xyz')).rejects.toMatchObject({ code: 'invalid-key' })
    expect(carry).not.toHaveBeenCalled()
  })
})

describe('set', () => {
  it('gives the owner the value, and drops all copies', async () => {
    const { a, b, c } = cluster()
    await makeHot(b, 'key')
    await makeHot(c, 'key')
    await c.set('key', 'new')
    expect([a.peek('key'), b.peek('key'), c.peek('key')]).toEqual(['new', undefined, undefined])
    expect(await Promise.all([a.get('key'), b.get('key'), c.get('key')])).toEqual(['new', 'new', 'new'])
  })

  it('beats a load that was in flight', async () => {
    const { world, a, b } = cluster()
    const { opened, open } = gate()
    world.load = () => opened
    const old = b.get('key')
    await Promise.resolve()
    await b.set('key', 'new')
    open()
    expect(await old).toBe('v1')
    expect(a.peek('key')).toBe('new')
    expect(await b.get('key')).toBe('new')
  })

  it('keeps the last of two that come together, and loses neither on the way', async () => {
    const { a, b, c } = cluster()
    const seen: (string | undefined)[] = []
    const both = Promise.all([b.set('key', 'from b'), c.set('key', 'from c')])
    const watch = setInterval(() => seen.push(a.peek('key')), 0)
    await both
    clearInterval(watch)
    expect(['from b', 'from c']).toContain(await a.get('key'))
  })

  it('takes no promise for a value', async () => {
    const { a } = cluster()
    const set = a.set('key', Promise.reject(new Error('nobody hears of this')) as never)
    await expect(set).rejects.toMatchObject({
      code: 'codec-failed',
      message: 'the codec failed for key "key" of group "g": a value must be awaited, got a promise',
    })
    expect(await a.get('key')).toBe('v1')
  })

  it('passes through the codec, like any value', async () => {
    const group = new Group<unknown>({ name: 'g', maxBytes: 2 ** 20, getter: () => 0 })
    await group.set('key', { at: new Date(0) })
    expect(await group.get('key')).toEqual({ at: '1970-01-01T00:00:00.000Z' })
    await expect(group.set('key', 1n)).rejects.toMatchObject({ code: 'codec-failed' })
  })

  it('may be given its own time to live, which crosses the network', async () => {
    let time = 0
    const make = () =>
      new Group<string>({
        name: 'g',
        maxBytes: 2 ** 20,
        codec: text(),
        ttlMs: 100,
        now: () => time,
        getter: () => 'loaded',
      })
    const [a, b] = [make(), make()]
    new MemoryNetwork({ ownerOf: () => 'a' }).join('a', a).join('b', b)
    await b.set('short', 'set', { ttlMs: 10 })
    await b.set('usual', 'set')
    time = 9
    expect([a.peek('short'), a.peek('usual')]).toEqual(['set', 'set'])
    time = 10
    expect([a.peek('short'), a.peek('usual')]).toEqual([undefined, 'set'])
    await expect(b.set('key', 'x', { ttlMs: -1 })).rejects.toThrow('ttlMs must be a number from 0 up, got -1')
    await b.set('key', 'gone at once', { ttlMs: 0 })
    expect([a.peek('key'), b.peek('key')]).toEqual([undefined, undefined])
  })

  it('names the owner when it could not be told', async () => {
    const { b } = cluster({
      carry: async ({ call }) => {
        if (call === 'set') throw new Error('connection refused')
      },
    })
    await expect(b.set('key', 'new')).rejects.toMatchObject({ code: 'remove-incomplete', peers: ['a'] })
  })
})

describe('Removals', () => {
  it('reserve a place for a set at the owner, not where it is sent from', async () => {
    const options = resolveOptions<string>({
      name: 'g',
      maxBytes: 2 ** 20,
      codec: text(),
      getter: () => 'x',
    })
    const holdings = new Holdings(options)
    const owner = {
      name: 'owner',
      get: async () => ({ bytes: new Uint8Array() }),
      set: vi.fn(async () => {}),
      remove: vi.fn(async () => {}),
    } satisfies PeerGetter
    holdings.peers = { pickPeer: () => owner }
    const bytes = new TextEncoder().encode('set')
    const life = { from: 'origin', freshUntilMs: Number.POSITIVE_INFINITY } as const
    await new Removals(options, holdings).set('key', valueEntry('key', bytes, text(), life))
    const reservation = expect.any(String)
    expect(owner.remove.mock.calls).toEqual([['g', ['key'], { round: 1, reservation }]])
    expect(owner.set).toHaveBeenCalledTimes(1)
    expect(holdings.reservations.size).toBe(0)
  })
})

describe('a set that arrives after its sender has given up', () => {
  /** b has set the key at a, and has given up: what it said in one of the rounds, or in both, arrives when told to. */
  async function stuck(calls: readonly Message['call'][]) {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { opened, open } = gate()
    const peers = cluster({
      timeoutMs: 20,
      carry: async ({ from, to, call, leg }) => {
        if (from === 'b' && to === 'a' && leg === 'request' && calls.includes(call)) await opened
      },
    })
    const set = expect(peers.b.set('key', 'old')).rejects.toMatchObject({ peers: ['a'] })
    for (let i = 0; i < 2; i++) await vi.advanceTimersByTimeAsync(20)
    await set
    const arrive = async () => {
      open()
      for (let i = 0; i < 50; i++) await Promise.resolve()
    }
    return { ...peers, arrive }
  }

  it.each([[['remove']], [['set']], [['remove', 'set']]] as const)(
    'does not bring back what has been removed since: %j',
    async (calls) => {
      const { a, c, arrive } = await stuck(calls)
      await c.remove('key')
      await arrive()
      expect(a.peek('key')).toBeUndefined()
      expect(await c.get('key')).toBe('v1')
    },
  )

  it.each<[string, (group: Group<string>) => Promise<void>]>([
    ['set', (group) => group.set('key', 'new')],
    ['cleared and set', (group) => group.clear().then(() => group.set('key', 'new'))],
    [
      'cleared and loaded',
      (group) =>
        group
          .clear()
          .then(() => group.get('key'))
          .then(() => {}),
    ],
  ])('does not replace what has been %s since, by its owner or another', async (_, change) => {
    for (const by of ['a', 'c'] as const) {
      const { arrive, ...peers } = await stuck(['set'])
      await change(peers[by])
      const { a } = peers
      const value = a.peek('key')
      expect(value).toBeDefined()
      await arrive()
      expect(a.peek('key')).toBe(value)
    }
  })

  it('is taken if nothing else has come in since', async () => {
    const { a, arrive } = await stuck(['set'])
    await arrive()
    expect(a.peek('key')).toBe('old')
  })

  it('loses to a later one from the start of that, not only from its end', async () => {
    const { opened, open } = gate()
    const sets: Message[] = []
    const { a, b, c } = cluster({
      carry: async (message) => {
        if (message.call !== 'set' || message.leg !== 'request') return
        if (sets.push(message) === 1) await opened
      },
    })
    const first = b.set('key', 'first')
    await vi.waitFor(() => expect(sets.length).toBe(1))
    await c.set('key', 'second')
    open()
    await first
    expect(a.peek('key')).toBe('second')
  })

  it('loses to a later one just so where its sender is the owner', async () => {
    const { opened, open } = gate()
    const { a, c } = cluster({
      carry: async ({ from, leg }) => {
        if (from === 'a' && leg === 'request') await opened
      },
    })
    const first = a.set('key', 'first')
    await c.set('key', 'second')
    open()
    await first
    expect(a.peek('key')).toBe('second')
  })
})

describe('a peer that has no way to be told', () => {
  it('is named, and the owner is told even by a picker that does not list its peers', async () => {
    const group = new Group<string>({ name: 'g', maxBytes: 2 ** 20, codec: text(), getter: () => 'x' })
    groups.push(group)
    const owner = { name: 'mute', get: async () => ({ bytes: new Uint8Array() }) }
    group.registerPeers({ pickPeer: () => owner })
    await expect(group.remove('key')).rejects.toMatchObject({
      code: 'remove-incomplete',
      peers: ['mute'],
    })
  })
})

describe('getMany', () => {
  it('gives each key its own outcome, in the order asked, repeated keys too', async () => {
    const group = new Group<string>({
      name: 'g',
      maxBytes: 2 ** 20,
      codec: text(),
      getter: (key) => (key === 'none' ? undefined : key.toUpperCase()),
    })
    await group.get('b')
    const results = await group.getMany(['a', 'none', 'b', '', 'a'])
    expect(results).toMatchObject([
      { status: 'fulfilled', value: 'A' },
      { status: 'rejected', reason: { code: 'not-found' } },
      { status: 'fulfilled', value: 'B' },
      { status: 'rejected', reason: { code: 'invalid-key' } },
      { status: 'fulfilled', value: 'A' },
    ])
    await expect(group.getMany('ab')).rejects.toMatchObject({ code: 'invalid-key' })
    expect(await group.getMany([])).toEqual([])
  })

  it('rejects as a whole when its caller leaves, and disturbs nobody else', async () => {
    const { opened, open } = gate()
    const getter = vi.fn(async (key: string) => {
      if (key !== 'fast') await opened
      return key
    })
    const group = new Group<string>({ name: 'g', maxBytes: 2 ** 20, codec: text(), getter })
    const caller = new AbortController()
    const left = group.getMany(['fast', 'slow'], { signal: caller.signal })
    const stays = group.getMany(['fast', 'slow'])
    caller.abort(new Error('left'))
    await expect(left).rejects.toThrow('left')
    open()
    expect(await stays).toMatchObject([{ value: 'fast' }, { value: 'slow' }])
    expect(getter).toHaveBeenCalledTimes(2)
    await expect(group.getMany(['fast'], { signal: caller.signal })).rejects.toThrow('left')
  })

  it('makes one call of batchGetter of its misses, and of those that peers ask for meanwhile', async () => {
    const batchGetter = vi.fn(async (keys: readonly string[]) => keys.map((key) => key.toUpperCase()))
    const never = () => {
      throw new Error('not called')
    }
    const group = new Group<string>({
      name: 'g',
      maxBytes: 2 ** 20,
      codec: text(),
      getter: never,
      batchGetter,
    })
    const [results] = await Promise.all([
      group.getMany(['a', 'b']),
      group.get('c'),
      group.local.get('g', 'd'),
      group.get('a'),
    ])
    expect(results).toMatchObject([{ value: 'A' }, { value: 'B' }])
    expect(batchGetter.mock.calls.map(([keys]) => keys)).toEqual([['a', 'b', 'c', 'd']])
  })
})

describe('a peer that is told later', () => {
  it.each(['remove', 'clear'] as const)(
    'may have given the old value away meanwhile: those copies go as well, here and at the others (%s)',
    async (call) => {
      vi.useFakeTimers()
      let cut = false
      const { world, a, b, c } = cluster({
        carry: async ({ to, call }) => {
          if (cut && to === 'a' && call !== 'get') throw new Error('connection refused')
        },
      })
      await a.get('key')
      cut = true
      world.version = 2
      await expect(call === 'remove' ? c.remove('key') : c.clear()).rejects.toMatchObject({ peers: ['a'] })
      await makeHot(b, 'key')
      await makeHot(c, 'key')
      expect([b.peek('key'), c.peek('key')]).toEqual(['v1', 'v1'])
      cut = false
      await vi.advanceTimersByTimeAsync(1000)
      expect([a.peek('key'), b.peek('key'), c.peek('key')]).toEqual([undefined, undefined, undefined])
      expect(vi.getTimerCount()).toBe(0)
    },
  )

  it.each(['remove', 'clear'] as const)(
    'keeps no copy of what a new owner has taken over from it before, and is told of only then (%s)',
    async (call) => {
      vi.useFakeTimers()
      let [owner, cut, version] = ['a', false, 1]
      let hold: Promise<void> | undefined
      const network = new MemoryNetwork({
        ownerOf: () => owner,
        previousOwnerOf: () => (owner === 'b' ? 'a' : undefined),
        carry: async ({ to, call: sent, leg }) => {
          if (sent === 'get' || leg === 'answer') return
          if (cut && to === 'a') throw new Error('connection refused')
          if (to === 'b') await hold
        },
      })
      const [a, b, c] = ['a', 'b', 'c'].map((name) => {
        const getter = () => `v${version}`
        const group = new Group<string>({ name: 'g', maxBytes: 2 ** 20, codec: text(), getter })
        groups.push(group)
        network.join(name, group)
        return group
      }) as [Group<string>, Group<string>, Group<string>]
      await a.get('key')
      ;[cut, version] = [true, 2]
      const change = call === 'remove' ? c.remove('key') : c.clear()
      await expect(change).rejects.toMatchObject({ peers: ['a'] })
      // By then the embargo on what previous owners have is over.
      await vi.advanceTimersByTimeAsync(61_000)
      owner = 'b'
      expect(await b.get('key')).toBe('v1')
      const { opened, open } = gate()
      ;[cut, hold] = [false, opened]
      await vi.advanceTimersByTimeAsync(16_000)
      await makeHot(a, 'key')
      expect(a.peek('key')).toBe('v1')
      open()
      await vi.advanceTimersByTimeAsync(0)
      expect([a.peek('key'), b.peek('key')]).toEqual([undefined, undefined])
      expect(await a.get('key')).toBe('v2')
      expect(vi.getTimerCount()).toBe(0)
    },
  )

  it('costs the others nothing that they have loaded since', async () => {
    vi.useFakeTimers()
    let cut = true
    const { a, b, c } = cluster({
      carry: async ({ to, call }) => {
        if (cut && to === 'c' && call !== 'get') throw new Error('connection refused')
      },
    })
    await expect(b.remove('key')).rejects.toMatchObject({ peers: ['c'] })
    await a.get('key')
    await makeHot(c, 'key')
    cut = false
    await vi.advanceTimersByTimeAsync(1000)
    expect([a.peek('key'), c.peek('key')]).toEqual(['v1', undefined])
  })

  it('is known by its name where it has been made anew, or has learnt how to be told', async () => {
    vi.useFakeTimers()
    const get = async () => ({ bytes: new Uint8Array() })
    const removed: (readonly string[])[] = []
    let peer: PeerGetter = { name: 'b', get }
    const group = new Group<string>({ name: 'g', maxBytes: 2 ** 20, codec: text(), getter: () => 'x' })
    groups.push(group)
    group.registerPeers({ pickPeer: () => undefined, peers: () => [peer] })
    await expect(group.remove('key')).rejects.toMatchObject({ peers: ['b'] })
    await vi.advanceTimersByTimeAsync(1000)
    peer = { name: 'b', get, remove: async (_group, keys) => void removed.push(keys) }
    await vi.advanceTimersByTimeAsync(5000)
    // In the first round, and twice in the second.
    expect(removed).toEqual([['key'], ['key'], ['key']])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is not the end of it where another then misses the second round', async () => {
    vi.useFakeTimers()
    const cut = new Set<string>()
    const { a, b, c } = cluster({
      carry: async ({ to, call }) => {
        if (cut.has(to) && call !== 'get') throw new Error('connection refused')
      },
    })
    await a.get('key')
    cut.add('a')
    await expect(c.remove('key')).rejects.toMatchObject({ peers: ['a'] })
    await makeHot(b, 'key')
    cut.clear()
    cut.add('b')
    await vi.advanceTimersByTimeAsync(1000)
    expect([a.peek('key'), b.peek('key')]).toEqual([undefined, 'v1'])
    cut.clear()
    await vi.advanceTimersByTimeAsync(5000)
    expect(b.peek('key')).toBeUndefined()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('keeps what was set after what it has missed', async () => {
    vi.useFakeTimers()
    let cut = true
    const { world, a, b } = cluster({
      carry: async ({ call }) => {
        if (cut && call !== 'get') throw new Error('connection refused')
      },
    })
    await expect(b.remove('key')).rejects.toMatchObject({ peers: ['a', 'c'] })
    cut = false
    await b.set('key', 'new')
    world.version = 2
    await vi.advanceTimersByTimeAsync(30_000)
    expect(a.peek('key')).toBe('new')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is told even so if the newer change came while it was no peer', async () => {
    vi.useFakeTimers()
    let cut = true
    const { network, b } = cluster({
      carry: async ({ to }) => {
        if (cut && to === 'c') throw new Error('connection refused')
      },
    })
    await expect(b.remove('key')).rejects.toMatchObject({ peers: ['c'] })
    network.leave('c')
    await b.remove('key')
    cut = false
    const again = new Group<string>({ name: 'g', maxBytes: 2 ** 20, codec: text(), getter: () => 'x' })
    groups.push(again)
    network.join('c', again)
    await again.local.set('g', 'key', { bytes: new TextEncoder().encode('old') })
    expect(await again.local.get('g', 'key')).toMatchObject({ bytes: new TextEncoder().encode('old') })
    await vi.advanceTimersByTimeAsync(5000)
    await expect(again.local.get('g', 'key', { onlyIfCached: true })).rejects.toMatchObject({
      code: 'not-cached',
    })
  })

  it('is told even if the picker fails during a later change', async () => {
    vi.useFakeTimers()
    let isDown = true
    let isBroken = false
    const told = vi.fn()
    const peer: PeerGetter = {
      name: 'peer',
      get: () => Promise.reject(new Error('not asked here')),
      remove: async (_, keys, { round }) => {
        if (isDown) throw new Error('down')
        told(round, keys)
      },
    }
    const pickPeer = () => {
      if (isBroken) throw new Error('no list today')
      return undefined
    }
    const group = new Group({ name: 'g', maxBytes: 2 ** 20, getter: (key) => key })
    groups.push(group as Group<string>)
    group.registerPeers({ pickPeer, peers: () => [peer] })
    await expect(group.remove('key')).rejects.toMatchObject({ code: 'remove-incomplete' })
    isBroken = true
    await expect(group.remove('key')).rejects.toThrow('no list today')
    isBroken = false
    isDown = false
    await vi.advanceTimersByTimeAsync(5000)
    expect(told.mock.calls).toEqual([
      [1, ['key']],
      [2, ['key']],
      [2, ['key']],
    ])
  })

  it('is not told any more by a group that is closed', async () => {
    vi.useFakeTimers()
    const { b } = cluster({
      carry: async ({ to }) => {
        if (to === 'a') throw new Error('connection refused')
      },
    })
    await expect(b.remove('key')).rejects.toMatchObject({ peers: ['a'] })
    expect(vi.getTimerCount()).toBe(1)
    await b.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a value larger than the budget', () => {
  it('drops what there was when it is set, and is not sent', async () => {
    const calls: string[] = []
    const { a, b } = cluster({
      carry: async ({ call, leg }) => {
        if (leg === 'request') calls.push(call)
      },
    })
    await a.get('key')
    await b.set('key', 'x'.repeat(2 ** 20))
    expect([a.peek('key'), b.peek('key')]).toEqual([undefined, undefined])
    expect(new Set(calls)).toEqual(new Set(['remove']))
  })
})

describe('a value that fills the budget', () => {
  it('is kept when it is set', async () => {
    const groupOf = (maxBytes: number) => {
      const group = new Group<string>({ name: 'g', maxBytes, codec: text(), getter: () => 'loaded' })
      groups.push(group)
      return group
    }
    const roomy = groupOf(2 ** 20)
    await roomy.set('key', 'set')
    const tight = groupOf(roomy.cacheStats('main').bytes)
    await tight.set('key', 'set')
    expect(tight.peek('key')).toBe('set')
  })
})
