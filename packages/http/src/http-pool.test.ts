import { Group, type GroupOptions, text } from '@geecache/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { rawPeer } from '../test/raw-peer.ts'
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

  it('binds IPv6', async () => {
    expect(await newPool('http://[::1]:0').listen()).toMatchObject({ address: '::1' })
  })
})

describe('HTTPPool.close', () => {
  it('may be called twice, and leaves all keys to this process', async () => {
    const pool = newPool('http://127.0.0.1:0')
    await pool.listen()
    pool.set('http://127.0.0.1:0', other)
    await pool.close()
    await pool.close()
    expect(keys.every((key) => pool.pickPeer(key) === undefined)).toBe(true)
  })
})
