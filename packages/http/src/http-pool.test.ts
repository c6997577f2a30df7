import { IncomingMessage } from 'node:http'
import { Server, Socket } from 'node:net'
import { goRing, HashRing } from '@geecache/consistenthash'
import { Group, type GroupOptions, type PeerGetter, text } from '@geecache/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { valueResponse } from '../test/answers.ts'
import { rawPeer } from '../test/raw-peer.ts'
import { HTTPClient } from './client/http-client.ts'
import { HTTPPool } from './http-pool.ts'

const self = 'http://127.0.0.1:8001'
const other = 'http://127.0.0.1:8002'
const third = 'http://127.0.0.1:8003'

const pools: HTTPPool[] = []
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())))

function newPool(url = self, options = {}): HTTPPool {
  const pool = new HTTPPool(url, options)
  pools.push(pool)
  return pool
}

function newGroup(options: Partial<GroupOptions<string>> = {}): Group<string> {
  return new Group<string>({
    name: 'scores',
    maxBytes: 2 ** 20,
    codec: text(),
    getter: (key) => key,
    ...options,
  })
}

const keys = Array.from({ length: 1000 }, (_, i) => `key-${i}`)

describe('HTTPPool.set', () => {
  it('leaves all keys to this process until there are peers', () => {
    const pool = newPool()
    expect(keys.every((key) => pool.pickPeer(key) === undefined)).toBe(true)
    pool.set(self)
    expect(keys.every((key) => pool.pickPeer(key) === undefined)).toBe(true)
    pool.set(self, other)
    expect(keys.some((key) => pool.pickPeer(key) !== undefined)).toBe(true)
    pool.set()
    expect(keys.every((key) => pool.pickPeer(key) === undefined)).toBe(true)
  })

  it('gives each key one owner, whichever process is asked, in whatever order the peers were named', () => {
    const urls = [self, other, third]
    const views = urls.map((url, i) => {
      const pool = newPool(url)
      pool.set(...urls.slice(i), ...urls.slice(0, i), urls[i] as string)
      return pool
    })
    for (const key of keys) expect(views.filter((pool) => pool.pickPeer(key) === undefined).length).toBe(1)
  })

  it('knows peers, and itself, by any spelling', () => {
    const pool = newPool('http://LOCALHOST:80/')
    expect(pool.self).toBe('http://localhost')
    pool.set('http://localhost/', 'http://Other:8002', 'http://other:8002/')
    expect([...pool.peers()].length).toBe(1)
  })

  it('keeps the client of a peer that stays', () => {
    const pool = newPool()
    pool.set(self, other)
    const [client] = pool.peers()
    pool.set(self, third, other)
    expect([...pool.peers()]).toContain(client)
    expect([...pool.peers()].length).toBe(2)
  })

  it('refuses a list without this peer, and wrong URLs, and changes nothing', () => {
    const pool = newPool()
    pool.set(self, other)
    const before = [...pool.peers()]
    expect(() => pool.set(other, third)).toThrow(
      `the peers must include this one, ${self}, got ${other}, ${third}`,
    )
    expect(() => pool.set(self, '127.0.0.1:8002')).toThrow('which is not a URL')
    expect([...pool.peers()]).toEqual(before)
  })

  it('lets requests to a peer that leaves run to their end', async () => {
    let answer: () => void = () => {}
    let arrived: () => void = () => {}
    const atPeer = new Promise<void>((resolve) => {
      arrived = resolve
    })
    await using peer = await rawPeer((socket) => {
      arrived()
      answer = () =>
        socket.write(
          'HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: 3\r\n\r\n630',
        )
    })
    const pool = newPool(self, { timeoutMs: 60_000 })
    pool.set(self, peer.url)
    const key = keys.find((candidate) => pool.pickPeer(candidate) !== undefined) as string
    const getter = vi.fn((missed: string) => missed)
    const get = newGroup({ getter, peers: pool }).get(key)
    await atPeer
    pool.set(self)
    answer()
    expect(await get).toBe('630')
    expect(getter).not.toHaveBeenCalled()
    // And their connection is closed then, which would else be kept for seconds.
    await vi.waitFor(() => expect(peer.sockets.size).toBe(0))
  })
})

describe('HTTPPool.set', () => {
  it('keeps names on a Go ring as they were given, and any spelling of them on its own', () => {
    const given = ['http://LOCALHOST:80/', 'http://Other:8002', 'http://10.0.0.1:8003/']
    const pool = newPool('http://localhost', { ring: goRing })
    pool.set(...given)
    const goOwners = new HashRing(goRing).add(...given)
    const url = (name: string) => new URL(name).origin
    for (const key of keys) {
      expect(pool.pickPeer(key)?.name ?? pool.self).toBe(url(goOwners.get(key) as string))
    }
    const ours = newPool('http://localhost')
    ours.set(...given)
    const owners = new HashRing().add(...given.map(url))
    for (const key of keys) expect(ours.pickPeer(key)?.name ?? ours.self).toBe(owners.get(key))
  })

  it('refuses when the pool is closed', async () => {
    const pool = newPool()
    await pool.close()
    expect(() => pool.set(self, other)).toThrow('this pool is closed')
  })
})

describe('HTTPPool.pickPeer', () => {
  it('passes over who has failed, in ring order, and ends at this process', () => {
    const pool = newPool()
    pool.set(self, other, third)
    const ring = new HashRing().add(self, other, third)
    const clients = new Map([...pool.peers()].map((client) => [client.name, client]))
    for (const key of keys) {
      const failed = new Set<PeerGetter>()
      const order: string[] = []
      for (let peer = pool.pickPeer(key); peer !== undefined; peer = pool.pickPeer(key, failed)) {
        order.push(peer.name)
        failed.add(peer)
      }
      const expected: string[] = []
      while (expected.at(-1) !== self)
        expected.push(ring.pick(key, (name) => !expected.includes(name)) as string)
      expect(order).toEqual(expected.slice(0, -1))
    }
    const everybody = new Set<PeerGetter>(clients.values())
    expect(keys.every((key) => pool.pickPeer(key, everybody) === undefined)).toBe(true)
  })
})

describe('HTTPPool.owns', () => {
  it('says whose a key truly is, whoever failed', () => {
    const pool = newPool()
    expect(keys.every((key) => pool.owns(key))).toBe(true)
    pool.set(self, other, third)
    const ring = new HashRing().add(self, other, third)
    for (const key of keys) expect(pool.owns(key)).toBe(ring.get(key) === self)
    pool.set()
    expect(keys.every((key) => pool.owns(key))).toBe(true)
  })
})

describe('HTTPPool.previousOwner', () => {
  it('is nobody who has left since', () => {
    const pool = newPool()
    pool.set(self, other, third)
    const its = keys.filter((key) => pool.pickPeer(key)?.name === other)
    pool.set(self, third)
    const ours = its.filter((key) => pool.owns(key))
    expect(ours.length).toBeGreaterThan(20)
    expect(ours.every((key) => pool.previousOwner(key) === undefined)).toBe(true)
    pool.set(self, third, other)
    // Come back, it is another.
    pool.set(self, third)
    expect(ours.every((key) => pool.previousOwner(key) === undefined)).toBe(true)
  })

  it('is who owned a key before, and this process where that was itself', () => {
    const pool = newPool()
    pool.set(self, other)
    pool.set(self, other, third)
    const before = new HashRing().add(self, other)
    for (const key of keys) {
      const owner = before.get(key) as string
      expect(pool.previousOwner(key)?.name).toBe(owner === self ? undefined : owner)
    }
  })
})

describe('HTTPPool.register', () => {
  it('serves a group to peers and sends its misses to them', async () => {
    const pool = newPool()
    const group = newGroup()
    expect(pool.register(group)).toBe(pool)
    expect(() => group.registerPeers(pool)).toThrow('has its peers already')
  })

  it('takes one group of a name', () => {
    const pool = newPool().register(newGroup())
    expect(() => pool.register(newGroup())).toThrow('a group named "scores" is served already')
  })
})

describe('HTTPPool.listen', () => {
  it.each(['http://10.0.0.1:8001', 'http://cache-1:8001', 'http://0.0.0.0:8001'])(
    'refuses to open %s to other machines unless told to',
    async (url) => {
      await expect(newPool(url).listen()).rejects.toMatchObject({
        code: 'invalid-option',
        message: expect.stringContaining('insecure: true'),
      })
    },
  )

  it('binds an address that other machines reach when told to', async () => {
    const { port } = await newPool('http://0.0.0.0:0', { insecure: true }).listen()
    expect(port).toBeGreaterThan(0)
  })

  it('listens once', async () => {
    const pool = newPool('http://127.0.0.1:0')
    await pool.listen()
    await expect(pool.listen()).rejects.toMatchObject({
      code: 'invalid-option',
      message: 'this pool is listening already',
    })
  })

  it('has the port of its scheme where its URL names none', async () => {
    const listen = vi.spyOn(Server.prototype, 'listen').mockImplementation(() => {
      throw new Error('enough')
    })
    await expect(newPool('http://127.0.0.1').listen()).rejects.toThrow('enough')
    expect(listen).toHaveBeenCalledWith(80, '127.0.0.1')
  })

  it('opens to other machines with a secret', async () => {
    const { port } = await newPool('http://0.0.0.0:0', { secret: 'a-secret-of-sixteen' }).listen()
    expect(port).toBeGreaterThan(0)
  })

  it('binds IPv6', async () => {
    expect(await newPool('http://[::1]:0').listen()).toMatchObject({ address: '::1' })
  })
})

describe('HTTPPool.handler and HTTPPool.fetch', () => {
  it.each<[string, (pool: HTTPPool) => unknown]>([
    ['handler', (pool) => pool.handler(new IncomingMessage(new Socket()), {} as never, () => {})],
    ['fetch', (pool) => pool.fetch(new Request('http://x/'))],
  ])('watch from the first request on whether this process is late: %s', async (_, serve) => {
    const start = vi.spyOn(globalThis, 'setInterval')
    const pool = newPool()
    expect(start).not.toHaveBeenCalled()
    await serve(pool)
    await serve(pool)
    expect(start).toHaveBeenCalledTimes(1)
  })
})

describe('HTTPPool.stats', () => {
  it('says what was sent, served and refused, and how the peers are doing', async () => {
    const secret = 'a-secret-of-sixteen'
    const server = newPool('http://127.0.0.1:0', { secret })
    server.register(newGroup())
    const { port } = await server.listen()
    const url = `http://127.0.0.1:${port}`
    const pool = newPool(self, { timeoutMs: 60_000, secret })
    pool.set(self, url)
    const [peer] = pool.peers()
    await peer?.get('scores', 'a')
    await Promise.all(['a', 'b', 'c'].map((key) => peer?.get('scores', key)))
    const stranger = newPool(self, { timeoutMs: 60_000 })
    stranger.set(self, url)
    await expect([...stranger.peers()][0]?.get('scores', 'a')).rejects.toThrow('401')
    expect(pool.stats).toEqual({
      gets: 1,
      batches: 1,
      batchedGets: 3,
      retries: 0,
      failures: 0,
      timeouts: 0,
      served: 0,
      refused: 0,
      connectionsDropped: 0,
      peers: [{ url, isOut: false }],
    })
    expect(server.stats).toMatchObject({ served: 2, refused: 1, gets: 0, peers: [] })
    expect(stranger.stats).toMatchObject({ failures: 1 })
  })
})

describe('HTTPPool.close', () => {
  it('is what a block does that ends', async () => {
    let used: HTTPPool | undefined
    {
      await using pool = new HTTPPool('http://127.0.0.1:0')
      used = pool
      await pool.listen()
    }
    expect(() => used?.set()).toThrow('closed')
    await expect(used.listen()).rejects.toMatchObject({
      code: 'invalid-option',
      message: 'this pool is closed',
    })
  })

  it('leaves nothing that wakes up, also when its handler is called afterwards', async () => {
    const start = vi.spyOn(globalThis, 'setInterval')
    const stop = vi.spyOn(globalThis, 'clearInterval')
    const pool = newPool('http://127.0.0.1:0')
    await pool.listen()
    expect(start).toHaveBeenCalledTimes(1)
    await pool.close()
    expect(stop).toHaveBeenCalledWith(start.mock.results[0]?.value)
    const answer = await pool.fetch(new Request('http://x/_geecache/scores/Tom'))
    expect([answer.status, answer.headers.get('geecache-code')]).toEqual([503, 'closed'])
    expect(start).toHaveBeenCalledTimes(1)
  })

  it('lets calls to peers run to their end', async () => {
    let answer: () => void = () => {}
    await using peer = await rawPeer((socket) => {
      answer = () => socket.write(valueResponse('Tom', '630'))
    })
    const pool = newPool(self, { timeoutMs: 60_000 })
    pool.set(self, peer.url)
    const [client] = pool.peers()
    const get = client?.get('scores', 'Tom')
    await peer.saw(1)
    const closed = pool.close()
    answer()
    expect(Buffer.from((await get)?.bytes ?? []).toString()).toBe('630')
    await closed
  })

  it('cuts off calls to peers that have not ended after drainMs, sent or not', async () => {
    await using peer = await rawPeer(() => {})
    const pool = newPool(self, { timeoutMs: 60_000, drainMs: 10, batch: { maxInFlight: 1 } })
    pool.set(self, peer.url)
    const [client] = pool.peers()
    const sent = Promise.allSettled(['a', 'b'].map((key) => client?.get('scores', key)))
    await peer.saw(1)
    const gathered = Promise.allSettled(['c', 'd'].map((key) => client?.get('scores', key)))
    await pool.close()
    for (const outcome of [...(await sent), ...(await gathered)]) {
      expect(outcome).toMatchObject({ reason: { code: 'peer-failed' } })
    }
  })

  it('waits for calls to peers that were in the list before, and cuts them off as any others', async () => {
    const sockets: Socket[] = []
    await using peer = await rawPeer((socket) => sockets.push(socket))
    for (const drainMs of [60_000, 10]) {
      const pool = newPool(self, { timeoutMs: 60_000, drainMs })
      pool.set(self, peer.url)
      const [client] = pool.peers()
      const get = Promise.allSettled([client?.get('scores', 'Tom')])
      await vi.waitFor(() => expect(sockets.length).toBe(1))
      pool.set(self)
      let isClosed = false
      const closed = pool.close().then(() => {
        isClosed = true
      })
      if (drainMs > 10) {
        await new Promise((resolve) => setImmediate(resolve))
        expect(isClosed).toBe(false)
        sockets[0]?.write(valueResponse('Tom', '630'))
      }
      await closed
      expect(await get).toMatchObject([{ status: drainMs > 10 ? 'fulfilled' : 'rejected' }])
      sockets.length = 0
    }
    await vi.waitFor(() => expect(peer.sockets.size).toBe(0))
  })

  it('knows no more of peers that were in the list before when nothing runs with them', async () => {
    const close = vi.spyOn(HTTPClient.prototype, 'close')
    const pool = newPool()
    pool.set(self, other)
    pool.set(self)
    await close.mock.results[0]?.value
    await pool.close()
    expect(close).toHaveBeenCalledTimes(1)
  })

  it.each<[string, (pool: HTTPPool, url: string) => Promise<Response>]>([
    ['listen', (_, url) => fetch(url)],
    ['fetch', (pool, url) => pool.fetch(new Request(url))],
  ])('may be called while it closes, and is the same to all who wait: %s', async (_, ask) => {
    let answer: (value: string) => void = () => {}
    const getter = () =>
      new Promise<string>((resolve) => {
        answer = resolve
      })
    const pool = newPool('http://127.0.0.1:0', { drainMs: 60_000 })
    pool.register(newGroup({ getter }))
    const { port } = await pool.listen()
    const running = ask(pool, `http://127.0.0.1:${port}/_geecache/scores/Tom`)
    await vi.waitFor(() => expect(pool.stats.served).toBe(1))
    const closed = [pool.close(), pool.close()]
    answer('630')
    expect(await (await running).text()).toBe('630')
    await Promise.all(closed)
  })

  it('may be called twice, and leaves all keys to this process', async () => {
    const pool = newPool('http://127.0.0.1:0')
    await pool.listen()
    pool.set('http://127.0.0.1:0', other)
    await pool.close()
    await pool.close()
    expect(keys.every((key) => pool.pickPeer(key) === undefined)).toBe(true)
  })
})
