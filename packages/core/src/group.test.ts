import { describe, expect, it, vi } from 'vitest'
import { bytes, text } from './codec.ts'
import { GeeCacheError, NotFoundError } from './errors.ts'
import type { GetterContext } from './getter.ts'
import { Group } from './group.ts'
import type { GroupOptions } from './options.ts'
import type { PeerGetter, PeerValue } from './peers.ts'

const scores: Readonly<Record<string, string>> = { Tom: '630', Jack: '589', Sam: '567' }

function scoresGroup(options: Partial<GroupOptions<string>> = {}) {
  const getter = vi.fn((key: string): string | undefined => scores[key])
  const group = new Group<string>({ name: 'scores', maxBytes: 2 ** 20, codec: text(), getter, ...options })
  return { group, getter }
}

/** A peer that owns every key, and answers with what `get` says. */
function owner(get: (key: string) => PeerValue | Promise<PeerValue>) {
  const peer = {
    name: 'owner',
    get: vi.fn(async (_group: string, key: string) => get(key)),
  } satisfies PeerGetter
  return { peer, peers: { pickPeer: () => peer } }
}

function encoded(value: string): PeerValue {
  return { bytes: new TextEncoder().encode(value) }
}

/** Lets go of everybody who waits for it when told to. */
function barrier() {
  let open: () => void = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

describe('a get in a process without peers', () => {
  it('calls the getter on a miss, and memory answers from then on', async () => {
    const { group, getter } = scoresGroup()
    expect([await group.get('Tom'), await group.get('Tom'), await group.get('Sam')]).toEqual([
      '630',
      '630',
      '567',
    ])
    expect(getter.mock.calls.map(([key]) => key)).toEqual(['Tom', 'Sam'])
  })

  it('calls the getter once for gets that come together', async () => {
    const { group, getter } = scoresGroup()
    const values = await Promise.all(Array.from({ length: 1000 }, () => group.get('Tom')))
    expect(new Set(values)).toEqual(new Set(['630']))
    expect(getter).toHaveBeenCalledTimes(1)
    expect(group.stats).toMatchObject({ gets: 1000, loads: 1000, loadsDeduped: 1, localLoads: 1 })
  })

  it('gives everybody the same decoded object, which nobody can change', async () => {
    const group = new Group({ name: 'g', maxBytes: 2 ** 20, getter: () => ({ list: [1, 2] }) })
    const [first, second] = await Promise.all([group.get('key'), group.get('key')])
    expect(await group.get('key')).toBe(first)
    expect(second).toBe(first)
    expect(Object.isFrozen(first.list)).toBe(true)
  })

  it('gives the getter’s own process what any other process would get: the value through the codec', async () => {
    const group = new Group<unknown>({ name: 'g', maxBytes: 2 ** 20, getter: () => ({ at: new Date(0) }) })
    expect(await group.get('key')).toEqual({ at: '1970-01-01T00:00:00.000Z' })
  })

  it.each([
    ['null', null],
    ['false', false],
    ['0', 0],
    ['an empty string', ''],
  ])('keeps %s, a value like any other', async (_, value) => {
    const getter = vi.fn(() => value)
    const group = new Group<unknown>({ name: 'g', maxBytes: 2 ** 20, getter })
    expect([await group.get('key'), await group.get('key')]).toEqual([value, value])
    expect(getter).toHaveBeenCalledTimes(1)
  })

  it('returns a value that is too large to keep, and keeps the others', async () => {
    const getter = vi.fn((key: string) => (key === 'large' ? 'x'.repeat(5000) : key))
    const group = new Group({ name: 'g', maxBytes: 4096, codec: text(), getter })
    await group.get('small')
    expect((await group.get('large')).length).toBe(5000)
    expect([group.peek('small'), group.peek('large')]).toEqual(['small', undefined])
  })

  it('owns the bytes it keeps: a small value does not pin the buffer it was cut from', async () => {
    const group = new Group({
      name: 'g',
      maxBytes: 2 ** 20,
      codec: { encode: () => new Uint8Array(65_536).subarray(0, 100), decode: (own) => own },
      getter: () => new Uint8Array(),
    })
    expect((await group.get('key')).buffer.byteLength).toBe(100)
  })
})

describe('a getter', () => {
  it('may say that a key has no value, by undefined or by NotFoundError', async () => {
    const { group } = scoresGroup()
    await expect(group.get('kkk')).rejects.toMatchObject({
      code: 'not-found',
      message: 'key "kkk" of group "scores" not found',
    })
    const thrown = scoresGroup({
      getter: (key) => {
        throw new NotFoundError(`${key} not exist`)
      },
    })
    await expect(thrown.group.get('kkk')).rejects.toMatchObject({
      code: 'not-found',
      message: 'kkk not exist',
    })
    expect(thrown.group.stats.localLoadErrs).toBe(0)
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('disk on fire')
      },
      'disk on fire',
    ],
    ['rejects', () => Promise.reject(new Error('disk on fire')), 'disk on fire'],
    [
      'throws what is no error',
      () => {
        throw 'disk on fire'
      },
      '"disk on fire"',
    ],
    [
      'throws undefined',
      () => {
        throw undefined
      },
      'undefined',
    ],
  ])(
    'that %s gives every caller the same error, with its cause, and is called again',
    async (_, fail, said) => {
      const getter = vi.fn(fail as () => never)
      const { group } = scoresGroup({ getter })
      const results = await Promise.allSettled([group.get('Tom'), group.get('Tom')])
      for (const result of results) {
        expect(result).toMatchObject({
          reason: {
            code: 'load-failed',
            message: `the getter failed for key "Tom" of group "scores": ${said}`,
          },
        })
      }
      expect(getter).toHaveBeenCalledTimes(1)
      await expect(group.get('Tom')).rejects.toThrow(GeeCacheError)
      expect(getter).toHaveBeenCalledTimes(2)
      expect(group.stats).toMatchObject({ localLoads: 2, localLoadErrs: 2 })
    },
  )

  it.each(['overloaded', 'closed', 'load-timeout', 'codec-failed'] as const)(
    'that passes on what another group says of itself, `%s`, has failed: that is no word of this one',
    async (code) => {
      const cause = new GeeCacheError(code, 'said by another group')
      const reject = () => Promise.reject(cause)
      const groups = [
        scoresGroup({ getter: reject }).group,
        scoresGroup({ batchGetter: reject }).group,
        scoresGroup({ batchGetter: () => [cause] }).group,
      ]
      for (const group of groups) {
        await expect(group.get('Tom')).rejects.toMatchObject({
          code: 'load-failed',
          message: 'the getter failed for key "Tom" of group "scores": said by another group',
          cause,
        })
        expect(group.stats.localLoadErrs).toBe(1)
      }
    },
  )

  it('whose value the codec refuses leaves nothing behind but a clear error', async () => {
    const group = new Group<unknown>({ name: 'g', maxBytes: 2 ** 20, getter: () => 1n })
    await expect(group.get('key')).rejects.toMatchObject({
      code: 'codec-failed',
      message: expect.stringMatching(/^the codec failed for key "key" of group "g": /),
    })
    expect(group.peek('key')).toBeUndefined()
  })

  it('gets the signal that aborts when the last caller has left', async () => {
    const { opened, open } = barrier()
    let context: GetterContext | undefined
    const { group } = scoresGroup({
      getter: async (_, given) => {
        context = given
        await opened
        return 'late'
      },
    })
    const [first, second] = [new AbortController(), new AbortController()]
    const gets = [group.get('Tom', { signal: first.signal }), group.get('Tom', { signal: second.signal })]
    const results = Promise.allSettled(gets)
    first.abort(new Error('first left'))
    expect(context?.signal.aborted).toBe(false)
    second.abort(new Error('second left'))
    expect(context?.signal.aborted).toBe(true)
    expect(await results).toMatchObject([
      { reason: { message: 'first left' } },
      { reason: { message: 'second left' } },
    ])
    open()
    await group.close()
  })

  it('may give a value its own time to live', async () => {
    let time = 0
    const getter = vi.fn((key: string, context: GetterContext) => {
      expect(context.ttlMs).toBe(100)
      if (key === 'short') context.ttlMs = 10
      if (key === 'none') context.ttlMs = 0
      if (key === 'ever') context.ttlMs = undefined
      return key
    })
    const { group } = scoresGroup({ getter, ttlMs: 100, now: () => time })
    for (const key of ['plain', 'short', 'none', 'ever']) await group.get(key)
    expect(['plain', 'short', 'none', 'ever'].map((key) => group.peek(key))).toEqual([
      'plain',
      'short',
      undefined,
      'ever',
    ])
    time = 50
    expect(['plain', 'short', 'ever'].map((key) => group.peek(key))).toEqual(['plain', undefined, 'ever'])
    time = 1000
    expect(['plain', 'ever'].map((key) => group.peek(key))).toEqual([undefined, 'ever'])
  })

  it.each([[-1], [Number.NaN], ['10']])('may not give it %s milliseconds', async (ttlMs) => {
    const { group } = scoresGroup({
      getter: (key, context) => {
        context.ttlMs = ttlMs as number
        return key
      },
    })
    await expect(group.get('Tom')).rejects.toMatchObject({ code: 'load-failed' })
  })
})

describe('a caller', () => {
  it('that has left before it asks starts no work', async () => {
    const { group, getter } = scoresGroup()
    await expect(group.get('Tom', { signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone')
    expect(getter).not.toHaveBeenCalled()
    await group.get('Tom')
    await expect(group.get('Tom', { signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone')
  })

  it('that has left before it asks for many gets none, be there none to get', async () => {
    const { group } = scoresGroup()
    await group.get('Tom')
    const signal = AbortSignal.abort('gone')
    await expect(group.getMany([], { signal })).rejects.toBe('gone')
    await expect(group.getMany(['Tom'], { signal })).rejects.toBe('gone')
    expect(await group.getMany([])).toEqual([])
  })

  it('that leaves does not disturb those who stay', async () => {
    const { opened, open } = barrier()
    const getter = vi.fn(() => opened.then(() => '630'))
    const { group } = scoresGroup({ getter })
    const leaver = new AbortController()
    const leaving = group.get('Tom', { signal: leaver.signal })
    const staying = group.get('Tom')
    leaver.abort(new Error('left'))
    await expect(leaving).rejects.toThrow('left')
    open()
    expect(await staying).toBe('630')
    expect(getter).toHaveBeenCalledTimes(1)
  })

  it.each([[''], [undefined], [5], ['\ud800'], ['x'.repeat(1025)]])(
    'that asks for the key %j gets invalid-key before anybody is asked',
    async (key) => {
      const { peers, peer } = owner(() => encoded('x'))
      const { group, getter } = scoresGroup({ peers })
      await expect(group.get(key as string)).rejects.toMatchObject({ code: 'invalid-key' })
      expect(peer.get).not.toHaveBeenCalled()
      expect(getter).not.toHaveBeenCalled()
    },
  )

  it('may use names of Object.prototype as keys', async () => {
    const { group } = scoresGroup({ getter: (key) => `value of ${key}` })
    for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(group.peek(key)).toBeUndefined()
      expect(await group.get(key)).toBe(`value of ${key}`)
    }
  })
})

describe('a get of a key that another peer owns', () => {
  it('is answered by that peer, once for gets that come together', async () => {
    const { peers, peer } = owner((key) => encoded(`${key} from its owner`))
    const { group, getter } = scoresGroup({ peers })
    const values = await Promise.all(Array.from({ length: 100 }, () => group.get('Tom')))
    expect(new Set(values)).toEqual(new Set(['Tom from its owner']))
    expect(peer.get).toHaveBeenCalledTimes(1)
    expect(getter).not.toHaveBeenCalled()
    expect(group.stats).toMatchObject({ loads: 100, loadsDeduped: 1, peerLoads: 1, localLoads: 0 })
  })

  it('lets that peer know when nobody waits any more, if somebody can leave', async () => {
    const { peers, peer } = owner((key) => encoded(key))
    const { group } = scoresGroup({ peers })
    await group.get('Tom', { signal: new AbortController().signal })
    expect(peer.get).toHaveBeenLastCalledWith('scores', 'Tom', { signal: expect.any(AbortSignal) })
    await group.get('Jack')
    expect(peer.get).toHaveBeenLastCalledWith('scores', 'Jack', undefined)
  })

  it('leaves a copy in the hotCache when it is not the first, for a short life', async () => {
    let time = 0
    const { peers, peer } = owner(() => encoded('630'))
    const { group } = scoresGroup({ peers, now: () => time, hot: { ttlMs: 1000 } })
    await group.get('Tom')
    expect(group.peek('Tom')).toBeUndefined()
    await group.get('Tom')
    expect(group.peek('Tom')).toBe('630')
    await group.get('Tom')
    expect(peer.get).toHaveBeenCalledTimes(2)
    time = 1001
    await group.get('Tom')
    expect(peer.get).toHaveBeenCalledTimes(3)
    expect(group.cacheStats('main').items).toBe(0)
  })

  it('never leaves a copy that outlives the value', async () => {
    let time = 0
    const { peers } = owner(() => ({ ...encoded('630'), ttlMs: 5 }))
    const { group } = scoresGroup({ peers, now: () => time })
    await group.get('Tom')
    await group.get('Tom')
    expect(group.peek('Tom')).toBe('630')
    time = 6
    expect(group.peek('Tom')).toBeUndefined()
  })

  it('is handled here when that peer cannot be asked, and the value kept as a guest', async () => {
    let time = 0
    const { peers } = owner(() => Promise.reject(new Error('connection refused')))
    const { group, getter } = scoresGroup({ peers, now: () => time, hot: { ttlMs: 1000 } })
    const values = await Promise.all(Array.from({ length: 100 }, () => group.get('Tom')))
    expect(new Set(values)).toEqual(new Set(['630']))
    expect(getter).toHaveBeenCalledTimes(1)
    expect(group.stats).toMatchObject({ peerErrors: 1, peerLoads: 0, localLoads: 1 })
    expect([group.cacheStats('main').items, group.cacheStats('hot').items]).toEqual([0, 1])
    time = 1001
    expect(group.peek('Tom')).toBeUndefined()
  })

  it.each([
    ['not-found', new NotFoundError('Tom not exist')],
    ['load-failed', new GeeCacheError('load-failed', 'disk on fire')],
    ['codec-failed', new GeeCacheError('codec-failed', 'no JSON')],
  ])('ends with the origin’s %s: it is not asked a second time', async (code, error) => {
    const { peers } = owner(() => Promise.reject(error))
    const { group, getter } = scoresGroup({ peers })
    await expect(group.get('Tom')).rejects.toMatchObject({ code })
    expect(getter).not.toHaveBeenCalled()
    expect(group.stats.peerErrors).toBe(0)
  })

  it.each([
    ['no bytes', { bytes: 'Tom' }],
    ['nothing', undefined],
    ['a time to live below zero', { ...encoded('x'), ttlMs: -1 }],
    ['a time to live that is no number', { ...encoded('x'), ttlMs: Number.NaN }],
    ['bytes that the codec refuses', { bytes: new Uint8Array([0xff]) }],
  ])('is handled here when that peer answers with %s', async (_, answer) => {
    const { peers } = owner(() => answer as PeerValue)
    const { group } = scoresGroup({ peers })
    expect(await group.get('Tom')).toBe('630')
    expect(group.stats).toMatchObject({ peerErrors: 1, peerLoads: 0 })
  })

  it('does not call the getter for a caller who left while the peer was asked', async () => {
    const peer: PeerGetter = {
      name: 'owner',
      get: (_group, _key, request) =>
        new Promise((_resolve, reject) => {
          request?.signal?.addEventListener('abort', () => reject(new Error('aborted')))
        }),
    }
    const { group, getter } = scoresGroup({ peers: { pickPeer: () => peer } })
    const caller = new AbortController()
    const get = group.get('Tom', { signal: caller.signal })
    caller.abort(new Error('left'))
    await expect(get).rejects.toThrow('left')
    await group.close()
    expect(getter).not.toHaveBeenCalled()
  })

  it('does not load a key again that a peer’s request made this process load meanwhile', async () => {
    const { opened, open } = barrier()
    const { peers } = owner(async () => {
      await opened
      throw new Error('connection reset')
    })
    const { group, getter } = scoresGroup({ peers })
    const get = group.get('Tom')
    await group.local.get('scores', 'Tom')
    open()
    expect(await get).toBe('630')
    expect(getter).toHaveBeenCalledTimes(1)
  })
})

describe('a load that everybody has left', () => {
  it('does not replace what a newer one has brought', async () => {
    const ends: ((value: string) => void)[] = []
    const { group } = scoresGroup({ getter: () => new Promise((resolve) => ends.push(resolve)) })
    const caller = new AbortController()
    const old = group.get('Tom', { signal: caller.signal })
    caller.abort(new Error('left'))
    await expect(old).rejects.toThrow('left')
    const next = group.get('Tom')
    ends[1]?.('new')
    expect(await next).toBe('new')
    ends[0]?.('old')
    await group.close()
    expect(await next).toBe('new')
  })
})

describe('local, this process as a peer', () => {
  it('loads, keeps and answers with bytes and the time they have left', async () => {
    let time = 0
    const { group, getter } = scoresGroup({ ttlMs: 100, now: () => time })
    expect(await group.local.get('scores', 'Tom')).toMatchObject({ ...encoded('630'), ttlMs: 100 })
    time = 30
    expect(await group.local.get('scores', 'Tom')).toMatchObject({ ...encoded('630'), ttlMs: 70 })
    expect(getter).toHaveBeenCalledTimes(1)
    expect(group.stats).toMatchObject({ serverRequests: 2, gets: 0 })
  })

  it('never forwards: it loads a key that its own ring gives to another', async () => {
    const { peers, peer } = owner(() => encoded('from elsewhere'))
    const { group } = scoresGroup({ peers })
    expect((await group.local.get('scores', 'Tom')).bytes).toEqual(encoded('630').bytes)
    expect(peer.get).not.toHaveBeenCalled()
  })

  it('never answers with a copy that it fetched itself', async () => {
    const { peers } = owner(() => encoded('a copy'))
    const { group } = scoresGroup({ peers })
    await group.get('Tom')
    await group.get('Tom')
    expect(group.peek('Tom')).toBe('a copy')
    expect((await group.local.get('scores', 'Tom')).bytes).toEqual(encoded('630').bytes)
  })

  it('shares the load of a get that came first', async () => {
    const { opened, open } = barrier()
    const getter = vi.fn(() => opened.then(() => '630'))
    const { group } = scoresGroup({ getter })
    const both = Promise.all([group.get('Tom'), group.local.get('scores', 'Tom')])
    open()
    expect(await both).toMatchObject(['630', encoded('630')])
    expect(getter).toHaveBeenCalledTimes(1)
  })

  it('refuses another group’s name, and keys that are none', async () => {
    const { group } = scoresGroup()
    await expect(group.local.get('ranks', 'Tom')).rejects.toMatchObject({ code: 'group-unknown' })
    await expect(group.local.get('scores', '')).rejects.toMatchObject({ code: 'invalid-key' })
  })
})

describe('a group', () => {
  it('keeps what it loads as its own or as a guest by who owns the key when the load ends', async () => {
    const { opened, open } = barrier()
    let owned = true
    const { peer } = owner(() => encoded('x'))
    const peers = { pickPeer: () => (owned ? undefined : peer) }
    const { group } = scoresGroup({ peers, getter: () => opened.then(() => '630') })
    const get = group.get('Tom')
    owned = false
    open()
    await get
    expect([group.cacheStats('main').items, group.cacheStats('hot').items]).toEqual([0, 1])
  })

  it('takes its peers once', () => {
    const { group } = scoresGroup()
    group.registerPeers({ pickPeer: () => undefined })
    expect(() => group.registerPeers({ pickPeer: () => undefined })).toThrow(
      'group "scores" has its peers already',
    )
    expect(() => scoresGroup({ peers: {} as never })).toThrow('peers must have a function pickPeer, got {}')
  })

  it('answers a peek from memory alone', async () => {
    const { group, getter } = scoresGroup()
    expect(group.peek('Tom')).toBeUndefined()
    await group.get('Tom')
    expect(group.peek('Tom')).toBe('630')
    expect(getter).toHaveBeenCalledTimes(1)
    expect(group.stats).toMatchObject({ gets: 1, cacheHits: 0 })
  })

  it('charges for key, encoded and decoded value, and says what it holds', async () => {
    const { group } = scoresGroup({ codec: text() })
    await group.get('Tom')
    const { bytes: charged, items } = group.cacheStats('main')
    expect(items).toBe(1)
    expect(charged).toBeGreaterThan('Tom'.length + 2 * '630'.length)
    expect(() => group.cacheStats('warm' as never)).toThrow('cacheStats takes "main" or "hot", got "warm"')
  })

  it('keeps bytes once: a view shares them', async () => {
    const of = async (size: number) => {
      const group = new Group({
        name: 'g',
        maxBytes: 2 ** 20,
        codec: bytes(),
        getter: () => new Uint8Array(size) as never,
      })
      await group.get('key')
      return group.cacheStats('main').bytes
    }
    expect((await of(2000)) - (await of(1000))).toBe(1000)
  })

  it('lets running work end when it is closed, and refuses more', async () => {
    const { opened, open } = barrier()
    const { group } = scoresGroup({ getter: () => opened.then(() => '630') })
    const get = group.get('Tom')
    let closed = false
    const closing = group.close().then(() => {
      closed = true
    })
    await expect(group.get('Sam')).rejects.toMatchObject({ code: 'closed' })
    await expect(group.local.get('scores', 'Sam')).rejects.toMatchObject({ code: 'closed' })
    expect(closed).toBe(false)
    open()
    expect(await get).toBe('630')
    await closing
    expect(group.peek('Tom')).toBeUndefined()
    await expect(group.get('Tom')).rejects.toMatchObject({ code: 'closed' })
  })
})
