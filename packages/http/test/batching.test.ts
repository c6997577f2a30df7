import type { Socket } from 'node:net'
import type { PeerValue } from '@geecache/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { HTTPClient } from '../src/client/http-client.ts'
import type { HTTPPoolOptions } from '../src/options.ts'
import { newPoolCounters } from '../src/stats.ts'
import { framesHead, framesResponse, noFrame, piece, response, valueFrame, valueResponse } from './answers.ts'
import { newClient } from './client.ts'
import { type RawPeer, type RawRequest, rawPeer } from './raw-peer.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  vi.useRealTimers()
  await Promise.all(closers.splice(0).map((close) => close()))
})

interface Asked extends RawRequest {
  readonly socket: Socket
  /** The keys of a batch. */
  readonly keys: readonly string[]
}

/** A peer that answers when the test does, and a client of it. */
async function quietPeer(options: HTTPPoolOptions = {}) {
  const asked: Asked[] = []
  const peer = await rawPeer((socket, _, request) => {
    const keys = request.line.startsWith('POST') ? (JSON.parse(request.body) as string[]) : []
    asked.push({ ...request, socket, keys })
  })
  return { peer, asked, ...clientOf(peer, options) }
}

/** A peer that answers at once, and a client of it. */
async function promptPeer(answer: (asked: Asked) => Buffer | undefined, options: HTTPPoolOptions = {}) {
  const peer = await rawPeer((socket, _, request) => {
    const keys = request.line.startsWith('POST') ? (JSON.parse(request.body) as string[]) : []
    const data = answer({ ...request, socket, keys })
    if (data === undefined) socket.destroy()
    else socket.write(data)
  })
  return { peer, ...clientOf(peer, options) }
}

function clientOf(peer: RawPeer, options: HTTPPoolOptions) {
  const counters = newPoolCounters()
  const client = newClient(peer.url, { timeoutMs: 60_000, ...options }, counters)
  closers.push(async () => {
    await client.destroy()
    await peer[Symbol.asyncDispose]()
  })
  return { client, counters }
}

function get(client: HTTPClient, key: string, signal?: AbortSignal): Promise<string> {
  return client.get('scores', key, { signal }).then(textOf)
}

function textOf({ bytes }: PeerValue): string {
  return Buffer.from(bytes).toString()
}

function getEach(client: HTTPClient, keys: readonly string[]): Promise<PromiseSettledResult<string>[]> {
  return Promise.allSettled(keys.map((key) => get(client, key)))
}

function named(count: number, name = 'key'): string[] {
  return Array.from({ length: count }, (_, i) => `${name}-${i}`)
}

/** The connection that was used last is free again. */
function breath(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

const all = (keys: readonly string[]) => framesResponse(keys, ...keys.map((key, i) => valueFrame(i, key)))

describe('gets of one tick', () => {
  it('travel as one request, and one alone as it would without the others', async () => {
    const { client, peer, counters } = await promptPeer(({ keys }) =>
      keys.length > 0 ? all(keys) : valueResponse('lone', 'lone'),
    )
    expect(await Promise.all(['a', 'b', 'c'].map((key) => get(client, key)))).toEqual(['a', 'b', 'c'])
    expect(await get(client, 'lone')).toBe('lone')
    expect(peer.requests).toEqual(['POST /_geecache/scores HTTP/1.1', 'GET /_geecache/scores/lone HTTP/1.1'])
    expect(counters).toMatchObject({ gets: 1, batches: 1, batchedGets: 3 })
  })

  it('wait for no timer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'setImmediate'] })
    const { client } = await promptPeer(({ keys }) =>
      keys.length > 0 ? all(keys) : valueResponse('lone', 'lone'),
    )
    expect(await get(client, 'lone')).toBe('lone')
    expect(await Promise.all([get(client, 'a'), get(client, 'b')])).toEqual(['a', 'b'])
  })

  it('of two groups travel in two', async () => {
    const { client, asked, peer } = await quietPeer()
    for (const group of ['a', 'b']) for (const key of ['x', 'y']) client.get(group, key).catch(() => {})
    await peer.saw(2)
    expect(asked.map(({ line, keys }) => [line, keys])).toEqual([
      ['POST /_geecache/a HTTP/1.1', ['x', 'y']],
      ['POST /_geecache/b HTTP/1.1', ['x', 'y']],
    ])
  })

  it('are as many as allowed in a request', async () => {
    const { client, asked, peer } = await quietPeer({ batch: { maxKeys: 20, maxInFlight: 5 } })
    void getEach(client, named(200))
    await peer.saw(5)
    const sent = asked.slice(0, 5).map(({ keys }) => keys)
    expect(sent.map((keys) => keys.length)).toEqual([20, 20, 20, 20, 20])
    expect(sent.flat().sort()).toEqual(named(100).sort())
  })

  it.each([
    ['alone', ['a']],
    ['together', ['a', 'b']],
  ])('carry the secret and the time they have: %s', async (_, keys) => {
    const secret = 'a-secret-of-sixteen'
    const { client, asked, peer } = await quietPeer({ secret, timeoutMs: 5000 })
    void getEach(client, keys)
    await peer.saw(1)
    expect(asked[0]?.head).toContain(`authorization: bearer ${secret}`)
    const [, left] = /geecache-timeout-ms: (\d+)/.exec(asked[0]?.head ?? '') ?? []
    expect(Number(left)).toBeGreaterThan(1000)
    expect(Number(left)).toBeLessThanOrEqual(5000)
  })

  it('travel alone where batches are switched off', async () => {
    const { client, peer } = await promptPeer(
      ({ line }) => {
        const key = /scores\/(\w+)/.exec(line)?.[1] as string
        return valueResponse(key, key)
      },
      { batch: false },
    )
    expect(await Promise.all(['a', 'b'].map((key) => get(client, key)))).toEqual(['a', 'b'])
    expect([...peer.requests].sort()).toEqual([
      'GET /_geecache/scores/a HTTP/1.1',
      'GET /_geecache/scores/b HTTP/1.1',
    ])
  })
})

describe('while as many requests are under way as may be', () => {
  const fake = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })

  /** A round trip of another kind: whatever was sent before has arrived. */
  async function settled(client: HTTPClient, asked: Asked[]): Promise<void> {
    let isTold = false
    const told = client.clear('other', { round: 1 }).then(() => {
      isTold = true
    })
    while (!isTold) {
      await breath()
      for (const one of asked.filter(({ line }) => /^GET \/_geecache\/ |^POST \S+other/.test(line))) {
        asked.splice(asked.indexOf(one), 1)
        one.socket.write(response('204 No Content\ngeecache-protocol: 1'))
      }
    }
    await told
  }

  async function busyPeer() {
    fake()
    const found = await quietPeer({ batch: { maxInFlight: 2 } })
    const first = getEach(found.client, named(32))
    await found.peer.saw(2)
    expect(found.asked.map(({ keys }) => keys.length)).toEqual([16, 16])
    const late = getEach(found.client, ['x', 'y', 'z'])
    await found.client.get('scores', 'lone', { signal: AbortSignal.abort() }).catch(() => {})
    return { ...found, first, late }
  }

  it('more gather, and leave as soon as one has landed', async () => {
    const { client, asked, peer, first, late } = await busyPeer()
    await settled(client, asked)
    expect(asked.length).toBe(2)
    const seen = peer.requests.length
    asked[0]?.socket.write(all(asked[0].keys))
    await peer.saw(seen + 1)
    expect(asked[2]?.keys).toEqual(['x', 'y', 'z'])
    for (const { socket, keys } of asked.slice(1)) socket.write(all(keys))
    expect((await late).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
    expect((await first).every(({ status }) => status === 'fulfilled')).toBe(true)
  })

  it('a request that is slow counts no more: it holds up nobody', async () => {
    const { client, asked, peer, late } = await busyPeer()
    await settled(client, asked)
    vi.advanceTimersByTime(9)
    await settled(client, asked)
    expect(asked.length).toBe(2)
    const seen = peer.requests.length
    vi.advanceTimersByTime(1)
    await peer.saw(seen + 1)
    expect(asked[2]?.keys).toEqual(['x', 'y', 'z'])
    asked[2]?.socket.write(all(['x', 'y', 'z']))
    expect((await late).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
  })

  it('a request makes room as soon as all has come that its peer has in memory', async () => {
    const { asked, peer, first, late } = await busyPeer()
    const [busy] = asked as [Asked]
    const frame = valueFrame(1, 'here')
    const seen = peer.requests.length
    busy.socket.write(Buffer.concat([framesHead(busy.keys), piece(frame.subarray(0, -1))]))
    for (let round = 0; round < 20; round++) await breath()
    expect(peer.requests.length).toBe(seen)
    busy.socket.write(piece(frame.subarray(-1)))
    await peer.saw(seen + 1)
    expect(asked[2]?.keys).toEqual(['x', 'y', 'z'])
    for (const { socket, keys } of asked.slice(1)) socket.write(all(keys))
    expect((await late).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
    // What had to be loaded comes later, in the same answer.
    for (const i of busy.keys.keys()) if (i !== 1) busy.socket.write(piece(valueFrame(i, 'loaded')))
    busy.socket.write(piece(Buffer.alloc(0)))
    expect((await first).every(({ status }) => status === 'fulfilled')).toBe(true)
  })

  it('a request that fails makes room as well', async () => {
    const { client, asked, peer, first, late } = await busyPeer()
    await settled(client, asked)
    const seen = peer.requests.length
    asked[0]?.socket.destroy()
    await peer.saw(seen + 1)
    expect(asked[2]?.keys).toEqual(['x', 'y', 'z'])
    for (const { socket, keys } of asked.slice(1)) socket.write(all(keys))
    expect((await late).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
    expect((await first).filter(({ status }) => status === 'rejected').length).toBe(16)
  })

  it('a request whose callers have all left makes room as well', async () => {
    fake()
    const { client, asked, peer } = await quietPeer({ batch: { maxInFlight: 1 } })
    const caller = new AbortController()
    for (const key of ['a', 'b']) get(client, key, caller.signal).catch(() => {})
    await peer.saw(1)
    void getEach(client, ['x', 'y'])
    caller.abort()
    await peer.saw(2)
    expect(asked[1]?.keys).toEqual(['x', 'y'])
  })

  it('a get that was given up meanwhile does not leave', async () => {
    fake()
    const { client, asked, peer } = await quietPeer({ batch: { maxInFlight: 1 } })
    void getEach(client, ['a', 'b'])
    await peer.saw(1)
    const left = new AbortController()
    const gone = get(client, 'gone', left.signal)
    void getEach(client, ['x', 'y'])
    left.abort(new Error('left'))
    await expect(gone).rejects.toThrow('left')
    asked[0]?.socket.write(all(['a', 'b']))
    await peer.saw(2)
    expect(asked[1]?.keys).toEqual(['x', 'y'])
  })

  it('each group has its turn, however many gets another has', async () => {
    fake()
    const { client, asked, peer } = await quietPeer({ batch: { maxInFlight: 1, maxKeys: 2 } })
    void getEach(client, named(2, 'first'))
    await peer.saw(1)
    void getEach(client, named(100, 'busy'))
    client.get('quiet', 'x').catch(() => {})
    for (let i = 0; i < 2; i++) {
      const { socket, keys } = asked[i] as Asked
      socket.write(all(keys))
      await peer.saw(i + 2)
    }
    expect(asked.map(({ line }) => line)).toContain('GET /_geecache/quiet/x HTTP/1.1')
  })
})

describe('a key of a batch', () => {
  it('has its answer as soon as that is there, whatever the others wait for', async () => {
    const { client, asked, peer } = await quietPeer()
    const [slow, fast] = [get(client, 'slow'), get(client, 'fast')]
    await peer.saw(1)
    asked[0]?.socket.write(Buffer.concat([framesHead(['slow']), piece(valueFrame(1, 'quick'))]))
    expect(await fast).toBe('quick')
    asked[0]?.socket.write(Buffer.concat([piece(valueFrame(0, 'at last')), piece(Buffer.alloc(0))]))
    expect(await slow).toBe('at last')
  })

  it('has an outcome of its own', async () => {
    const keys = ['a', 'b', 'c', 'd', 'e']
    const { client } = await promptPeer(() =>
      framesResponse(
        keys,
        noFrame(1, 'not-found', 'b not exist'),
        noFrame(2, 'load-failed', 'disk on fire'),
        noFrame(3, 'internal', 'oh'),
        valueFrame(4, ''),
        valueFrame(0, '630', { ttlMs: 1500.5, qps: 2.5 }),
      ),
    )
    const outcomes = await Promise.allSettled(keys.map((key) => client.get('scores', key)))
    expect(outcomes).toMatchObject([
      { status: 'fulfilled', value: { ttlMs: 1500.5, qps: 2.5 } },
      { status: 'rejected', reason: { code: 'not-found', message: 'b not exist' } },
      { status: 'rejected', reason: { code: 'load-failed', message: 'disk on fire' } },
      {
        status: 'rejected',
        reason: { code: 'peer-failed', message: expect.stringContaining('500 internal: oh') },
      },
      { status: 'fulfilled', value: {} },
    ])
    expect(client.isOut).toBe(false)
  })

  it('has a deadline of its own', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const { client, asked, peer, counters } = await quietPeer({ timeoutMs: 300, breaker: false })
    const slow = get(client, 'slow')
    const fast = get(client, 'fast')
    await peer.saw(1)
    asked[0]?.socket.write(Buffer.concat([framesHead(['slow']), piece(valueFrame(1, 'quick'))]))
    expect(await fast).toBe('quick')
    vi.advanceTimersByTime(300)
    await expect(slow).rejects.toMatchObject({ code: 'peer-timeout' })
    expect(counters).toMatchObject({ timeouts: 1, failures: 0 })
  })

  it('may be the last of all, and the answer still has to end in time, or else its connection is given up', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const options = { timeoutMs: 300, limits: { maxConnectionsPerPeer: 1 } }
    const { client, asked, peer, counters } = await quietPeer(options)
    const endless = ['a', 'b'].map((key) => get(client, key))
    await peer.saw(1)
    asked[0]?.socket.write(Buffer.concat([framesHead(['a']), piece(valueFrame(0, 'a'))]))
    asked[0]?.socket.write(piece(valueFrame(1, 'b')))
    expect(await Promise.all(endless)).toEqual(['a', 'b'])
    vi.advanceTimersByTime(299)
    const next = get(client, 'c')
    await breath()
    expect(peer.requests.length).toBe(1)
    vi.advanceTimersByTime(1)
    await peer.saw(2)
    asked[1]?.socket.write(valueResponse('c', 'c'))
    expect(await next).toBe('c')
    expect(counters).toMatchObject({ timeouts: 0, failures: 0 })
    // Nothing is left that would wake up.
    await client.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('may be given up, and the others go on', async () => {
    const { client, asked, peer } = await quietPeer()
    const caller = new AbortController()
    const [one, other] = [get(client, 'a', caller.signal), get(client, 'b')]
    await peer.saw(1)
    caller.abort(new Error('left'))
    await expect(one).rejects.toThrow('left')
    asked[0]?.socket.write(all(['a', 'b']))
    expect(await other).toBe('b')
    expect(peer.sockets.size).toBe(1)
  })

  it('that was answered already is not waited for when the others are given up', async () => {
    const { client, asked, peer } = await quietPeer()
    const caller = new AbortController()
    const [one, other] = [get(client, 'a', caller.signal), get(client, 'b')]
    await peer.saw(1)
    asked[0]?.socket.write(Buffer.concat([framesHead(['a']), piece(valueFrame(1, 'b'))]))
    expect(await other).toBe('b')
    const closed = closing(asked[0]?.socket as Socket)
    caller.abort(new Error('left'))
    await expect(one).rejects.toThrow('left')
    await closed
  })

  it('is not waited for by anybody: the connection is closed, and never used again', async () => {
    const { client, asked, peer } = await quietPeer()
    const caller = new AbortController()
    const gets = ['a', 'b', 'c'].map((key) => get(client, key, caller.signal))
    await peer.saw(1)
    const closed = closing(asked[0]?.socket as Socket)
    caller.abort(new Error('left'))
    for (const one of gets) await expect(one).rejects.toThrow('left')
    await closed
    void getEach(client, ['d', 'e'])
    await peer.saw(2)
    expect(asked[1]?.socket).not.toBe(asked[0]?.socket)
  })
})

function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.on('close', () => resolve()))
}

describe('an answer that is cut off', () => {
  it('anywhere gives no wrong value, and for what is missing peer-failed: a batch (A1)', async () => {
    const keys = ['a', 'b', 'c', 'd']
    const texts = ['630', '', 'x'.repeat(40), undefined]
    const frames = [
      valueFrame(2, texts[2] as string),
      noFrame(3, 'not-found', 'd not exist'),
      valueFrame(0, '630', { ttlMs: 5, qps: 1 }),
      valueFrame(1, ''),
    ]
    const chunked = Buffer.concat([framesHead(keys), ...frames.map(piece), piece(Buffer.alloc(0))])
    for (const whole of [framesResponse(keys, ...frames), chunked]) {
      for (let length = 0; length <= whole.length; length++) {
        await using peer = await rawPeer((socket) => {
          socket.end(whole.subarray(0, length))
        })
        const client = newClient(peer.url, { timeoutMs: 60_000 })
        const outcomes = await getEach(client, keys)
        let missing = 0
        for (const [i, outcome] of outcomes.entries()) {
          if (outcome.status === 'fulfilled') expect(outcome.value).toBe(texts[i])
          else if (outcome.reason.code !== 'not-found' || i !== 3) {
            expect(outcome.reason.code).toBe('peer-failed')
            missing++
          }
        }
        if (length === whole.length) expect(missing).toBe(0)
        // A chunked body is not complete before the last two bytes of its end.
        else if (whole !== chunked || length < whole.length - 7)
          expect([length, missing > 0]).toEqual([length, true])
        await client.destroy()
      }
    }
  })

  it('anywhere gives no value: a lone get (A1)', async () => {
    const whole = valueResponse('a', '630 and more')
    for (let length = 0; length <= whole.length; length++) {
      await using peer = await rawPeer((socket) => {
        socket.end(whole.subarray(0, length))
      })
      const client = newClient(peer.url, { timeoutMs: 60_000 })
      const outcome = get(client, 'a')
      if (length === whole.length) expect(await outcome).toBe('630 and more')
      else await expect(outcome).rejects.toMatchObject({ code: 'peer-failed' })
      await client.destroy()
    }
  })
})

describe('an answer to a batch', () => {
  it('is what follows a word sent in advance', async () => {
    const early = response('103 Early Hints\nlink: </style.css>')
    const { client } = await promptPeer(({ keys }) => Buffer.concat([early, all(keys)]))
    expect(await getEach(client, ['a', 'b'])).toMatchObject([{ value: 'a' }, { value: 'b' }])
  })

  it.each([
    ['404 Not Found\ncontent-length: 0', 'says that there is no such path'],
    ['405 Method Not Allowed\ncontent-length: 2', 'knows GET alone'],
    ['500 Oh\ncontent-length: 2', 'takes it for a get'],
    ['200 OK\ncontent-type: application/octet-stream\ncontent-length: 2', 'takes any request for a get'],
  ])('of a peer that is none of ours (%s): it %s, and gets plain GETs', async (head) => {
    const { client, peer } = await promptPeer(({ line }) => {
      if (line.startsWith('POST')) return response(head, head.endsWith('2') ? 'no' : '')
      return response('200 OK\ncontent-type: application/octet-stream\ncontent-length: 3', '630')
    })
    expect(await Promise.all(['a', 'b'].map((key) => get(client, key)))).toEqual(['630', '630'])
    expect(await Promise.all(['c', 'd'].map((key) => get(client, key)))).toEqual(['630', '630'])
    expect(peer.requests.filter((line) => line.startsWith('POST')).length).toBe(1)
    expect(peer.requests.length).toBe(5)
    expect(client.isOut).toBe(false)
  })

  it('that refuses all of it is each key’s answer', async () => {
    const { client } = await promptPeer(() =>
      response(
        '503 Service Unavailable\ngeecache-protocol: 1\ngeecache-code: busy\ncontent-length: 8',
        'too much',
      ),
    )
    const outcomes = await getEach(client, ['a', 'b'])
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        reason: { code: 'peer-failed', message: expect.stringContaining('503 busy: too much') },
      })
    }
  })

  const web = response('200 OK\ncontent-type: text/html\ngeecache-protocol: 1\ncontent-length: 2', 'hi')
  const unnamed = response(
    '200 OK\ngeecache-protocol: 1\ncontent-type: application/vnd.geecache.frames\ncontent-length: 0',
  )
  const packed = (keys: readonly string[]) =>
    Buffer.from(all(keys).toString('latin1').replace('\r\n', '\r\ncontent-encoding: gzip\r\n'), 'latin1')
  it.each<[string, (keys: readonly string[]) => Buffer, (string | undefined)[]]>([
    ['is for other keys', () => all(['b', 'a']), [undefined, undefined]],
    ['does not say for which keys it is', () => unnamed, [undefined, undefined]],
    ['has too few', (keys) => framesResponse(keys, valueFrame(1, 'y')), [undefined, 'y']],
    [
      'has one twice',
      (keys) => framesResponse(keys, valueFrame(0, 'x'), valueFrame(0, 'y')),
      ['x', undefined],
    ],
    [
      'has too many',
      (keys) => framesResponse(keys, valueFrame(0, 'x'), valueFrame(2, 'z'), valueFrame(1, 'y')),
      ['x', undefined],
    ],
    [
      'has bytes left over',
      (keys) => framesResponse(keys, valueFrame(0, 'x'), valueFrame(1, 'y'), Buffer.from('z')),
      ['x', 'y'],
    ],
    ['is a web page', () => web, [undefined, undefined]],
    ['is compressed', packed, [undefined, undefined]],
  ])('that %s is a failure of the peer (A6, A7)', async (_, answer, texts) => {
    const { client, counters } = await promptPeer(({ keys }) => answer(keys))
    const outcomes = await getEach(client, ['a', 'b'])
    for (const [i, outcome] of outcomes.entries()) {
      if (texts[i] !== undefined) expect(outcome).toMatchObject({ value: texts[i] })
      else expect(outcome).toMatchObject({ reason: { code: 'peer-failed' } })
    }
    await breath()
    expect(counters.failures).toBe(1)
  })

  it('to another key is a failure of the peer: a lone get (A7)', async () => {
    const { client, counters } = await promptPeer(() => valueResponse('other', 'x'))
    await expect(get(client, 'a')).rejects.toMatchObject({
      code: 'peer-failed',
      message: expect.stringContaining('answered for another key'),
    })
    expect(counters.failures).toBe(1)
  })

  it('with a value longer than allowed fails for that key alone, and nobody is blamed (A5)', async () => {
    const { client, counters } = await promptPeer(
      ({ keys }) =>
        framesResponse(keys, valueFrame(0, 'x'), valueFrame(1, 'y'.repeat(1001)), valueFrame(2, 'z')),
      { limits: { maxValueBytes: 1000 } },
    )
    for (let i = 0; i < 3; i++) {
      const message = expect.stringContaining('answered with 1001 bytes, more than 1000')
      expect(await getEach(client, ['a', 'b', 'c'])).toMatchObject([
        { status: 'fulfilled', value: 'x' },
        { reason: { code: 'peer-failed', message } },
        { status: 'fulfilled', value: 'z' },
      ])
    }
    expect([client.isOut, counters.failures]).toEqual([false, 0])
  })
})

describe('a connection that was kept and has just been closed', () => {
  it.each([
    ['a lone get', ['a']],
    ['a batch', ['a', 'b']],
  ])('costs %s one request more, and no error (A8)', async (_, keys) => {
    let answered = 0
    const { client, peer, counters } = await promptPeer((asked) => {
      // At the second request it turns out that the peer has hung up.
      if (++answered === 2) return undefined
      return asked.keys.length > 0 ? all(asked.keys) : valueResponse('a', 'a')
    })
    for (let i = 0; i < 2; i++) {
      expect(await getEach(client, keys)).toEqual(keys.map((value) => ({ status: 'fulfilled', value })))
      await breath()
    }
    expect(counters).toMatchObject({ retries: 1, failures: 0 })
    expect(counters.gets + counters.batches).toBe(2)
    expect(peer.requests.length).toBe(3)
  })

  it('is replaced by a fresh one, not by another that was kept and may be closed as well (A8)', async () => {
    const used = new Set<Socket>()
    const { client, peer, counters } = await promptPeer(
      ({ socket, line }) => {
        if (used.has(socket)) return undefined
        used.add(socket)
        const key = /scores\/(\w+)/.exec(line)?.[1] as string
        return valueResponse(key, key)
      },
      { batch: false },
    )
    await getEach(client, ['a', 'b', 'c'])
    expect(peer.accepted).toBe(3)
    await breath()
    expect(await get(client, 'd')).toBe('d')
    expect(await getEach(client, ['e', 'f'])).toEqual(
      ['e', 'f'].map((value) => ({ status: 'fulfilled', value })),
    )
    expect(counters.failures).toBe(0)
    expect(counters.retries).toBeGreaterThan(0)
    await client.close()
    await vi.waitFor(() => expect(peer.sockets.size).toBe(0))
  })

  it('is tried again once, and no more (A8)', async () => {
    let answered = 0
    const { client, peer, counters } = await promptPeer(() =>
      answered++ === 0 ? valueResponse('a', '630') : undefined,
    )
    expect(await get(client, 'a')).toBe('630')
    await breath()
    await expect(get(client, 'a')).rejects.toMatchObject({ code: 'peer-failed' })
    expect(peer.requests.length).toBe(3)
    expect(counters).toMatchObject({ retries: 1, failures: 1 })
  })

  it('is not tried again when it was fresh', async () => {
    const { client, peer, counters } = await promptPeer(() => undefined)
    await expect(get(client, 'a')).rejects.toMatchObject({ code: 'peer-failed' })
    expect(peer.requests.length).toBe(1)
    expect(counters).toMatchObject({ retries: 0, failures: 1 })
  })

  it('is not tried again when the answer had begun', async () => {
    let answered = 0
    const { client, peer, counters } = await promptPeer(({ socket }) => {
      if (answered++ === 0) return valueResponse('a', '630')
      socket.write(valueResponse('a', '630').subarray(0, -1))
      return undefined
    })
    expect(await get(client, 'a')).toBe('630')
    await breath()
    await expect(get(client, 'a')).rejects.toMatchObject({ code: 'peer-failed' })
    expect(peer.requests.length).toBe(2)
    expect(counters.retries).toBe(0)
  })
})

describe('a client that is closed', () => {
  it('has answers for what was asked before, gathered or sent', async () => {
    const { client, asked, peer } = await quietPeer({ batch: { maxInFlight: 1 } })
    const sent = getEach(client, ['a', 'b'])
    await peer.saw(1)
    const gathered = getEach(client, ['c', 'd'])
    const closed = client.close()
    asked[0]?.socket.write(all(['a', 'b']))
    await peer.saw(2)
    asked[1]?.socket.write(all(['c', 'd']))
    expect((await sent).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
    expect((await gathered).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
    await closed
  })

  it.each<[string, (asked: Asked, caller: AbortController) => void]>([
    ['has failed', ({ socket }) => socket.end('nonsense')],
    ['nobody waits for', (_, caller) => caller.abort()],
    ['is refused', ({ socket }) => socket.write(response('503 No\ngeecache-protocol: 1\ncontent-length: 0'))],
  ])('does not wait for a batch that %s', async (_, end) => {
    const { client, asked, peer } = await quietPeer()
    const caller = new AbortController()
    const gets = Promise.allSettled(['a', 'b'].map((key) => get(client, key, caller.signal)))
    await peer.saw(1)
    end(asked[0] as Asked, caller)
    expect((await gets).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await client.close()
  })

  it('says so to whoever asks then', async () => {
    const { client } = await quietPeer()
    await client.close()
    await expect(get(client, 'a')).rejects.toMatchObject({ code: 'peer-failed' })
    for (const outcome of await getEach(client, named(40))) {
      expect(outcome).toMatchObject({ reason: { code: 'peer-failed' } })
    }
  })
})
