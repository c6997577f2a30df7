import { Group, text } from '@geecache/core'
import { request } from 'undici'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { HTTPPool } from '../src/http-pool.ts'
import { newClient } from './client.ts'
import { startPeers, type TestPeer } from './cluster.ts'
import { rawClient } from './raw-client.ts'
import { rawPeer } from './raw-peer.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(() => Promise.all(closers.splice(0).map((close) => close())))

async function cluster(size: number): Promise<TestPeer[]> {
  const peers = await startPeers(size)
  closers.push(...peers.map((peer) => () => peer.stop()))
  return peers
}

function clientOf(url: string) {
  const client = newClient(url, { timeoutMs: 60_000 })
  closers.push(() => client.destroy())
  return client
}

const keys = Array.from({ length: 100 }, (_, i) => `key-${i}`)

describe('half of a surrogate pair (B2)', () => {
  const half = '\ud800'

  it('is no key: no peer is asked, and none answers', async () => {
    const [here, there] = (await cluster(2)) as [TestPeer, TestPeer]
    await expect(here.group.get(half)).rejects.toMatchObject({ code: 'invalid-key' })
    await expect(here.group.set(half, 'x')).rejects.toMatchObject({ code: 'invalid-key' })
    await expect(here.group.remove(half)).rejects.toMatchObject({ code: 'invalid-key' })
    const client = clientOf(there.url)
    await expect(client.get('scores', half)).rejects.toMatchObject({ code: 'invalid-key' })
    await expect(client.get(half, 'Tom')).rejects.toMatchObject({ code: 'invalid-key' })
    expect(there.pool.stats.served).toBe(0)
    const headers = { 'content-type': 'application/vnd.geecache.ask+json' }
    const body = '["Tom","\\ud800"]'
    const answer = await request(`${there.url}/_geecache/scores`, { method: 'POST', headers, body })
    expect(await answer.body.text()).toMatch(/invalid-key[\s\S]*Tom of|Tom of[\s\S]*invalid-key/)
    expect(there.loads).toEqual(['Tom'])
  })
})

describe('a group that a peer has not got (B4)', () => {
  it('is no word about the key: whoever asks handles it, and remembers no absence', async () => {
    const [here, there] = (await cluster(2)) as [TestPeer, TestPeer]
    const getter = vi.fn((key: string): string | undefined => (key === 'absent' ? undefined : `${key} here`))
    const options = { maxBytes: 2 ** 20, codec: text(), notFoundTtlMs: 60_000, getter }
    const group = new Group<string>({ name: 'new', ...options } as never) as Group<string>
    closers.push(() => group.close())
    here.pool.register(group)
    const theirs = keys.filter((key) => here.pool.pickPeer(key)?.name === there.url)
    for (const key of theirs) expect(await group.get(key)).toBe(`${key} here`)
    for (const key of theirs) expect(await group.get(key)).toBe(`${key} here`)
    expect(here.pool.stats).toMatchObject({ failures: 0, peers: [{ isOut: false }] })
    // Nothing of it can be there.
    await group.remove(theirs[0] as string)
    await group.clear()
  })
})

describe('a web page (B10)', () => {
  const page = { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' }

  it('is not told that it may ask', async () => {
    const [peer] = (await cluster(1)) as [TestPeer]
    for (const path of ['/_geecache/', '/_geecache/scores', '/_geecache/scores/Tom']) {
      const headers = { ...page, 'access-control-request-method': 'PUT' }
      const {
        statusCode,
        headers: said,
        body,
      } = await request(peer.url + path, { method: 'OPTIONS', headers })
      await body.dump()
      expect([statusCode, said['geecache-code']]).toEqual([405, 'method-not-allowed'])
      expect(Object.keys(said).filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])(
    'changes nothing with what it may send unasked: %j',
    async (type) => {
      const [peer] = (await cluster(1)) as [TestPeer]
      await peer.group.get('Tom')
      const headers = { ...page, 'content-type': type }
      for (const path of ['/_geecache/scores', '/_geecache/scores/Tom']) {
        const body = '{"round":1,"keys":"all"}'
        const answer = await request(peer.url + path, { method: 'POST', headers, body })
        await answer.body.dump()
        expect(answer.statusCode).toBeGreaterThanOrEqual(400)
      }
      expect(peer.group.peek('Tom')).toBeDefined()
    },
  )
})

describe('names that objects have by themselves (B14)', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'then']

  it('are keys as any other', async () => {
    const peers = await cluster(2)
    const owner = (key: string) => peers.find(({ pool }) => pool.owns(key))?.url
    for (const { group } of peers) {
      const values = await Promise.all(names.map((key) => group.get(key)))
      expect(values).toEqual(names.map((key) => `${key} of ${owner(key)}`))
    }
    await peers[0]?.group.removeMany(names)
    for (const { group } of peers)
      expect(names.map((key) => group.peek(key))).toEqual(names.map(() => undefined))
  })

  it('are groups as any other, known or not', async () => {
    const pool = new HTTPPool('http://127.0.0.1:0')
    closers.push(() => pool.close())
    for (const name of names.slice(0, 3)) {
      pool.register(
        new Group<string>({ name, maxBytes: 2 ** 20, codec: text(), getter: (key) => `${name} ${key}` }),
      )
    }
    const { port } = await pool.listen()
    const client = clientOf(`http://127.0.0.1:${port}`)
    for (const [i, name] of names.entries()) {
      const answer = client.get(name, 'Tom').then(({ bytes }) => Buffer.from(bytes).toString())
      if (i < 3) expect(await answer).toBe(`${name} Tom`)
      else await expect(answer).rejects.toMatchObject({ message: expect.stringContaining('group-unknown') })
    }
  })

  it.each(names)('are no codes that a peer could give: %s', async (code) => {
    await using peer = await rawPeer((socket) => {
      socket.write(
        `HTTP/1.1 500 No\r\ngeecache-protocol: 1\r\ngeecache-code: ${code}\r\n__proto__: x\r\ncontent-length: 0\r\n\r\n`,
      )
    })
    await expect(clientOf(peer.url).get('scores', 'Tom')).rejects.toMatchObject({ code: 'peer-failed' })
    expect({}).not.toHaveProperty('x')
  })
})

it('what a group says of an error ends where its message does, whatever is in it (B6)', async () => {
  const [peer] = (await cluster(1)) as [TestPeer]
  const message = 'x\r\nset-cookie: a=b\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'
  peer.load = () => {
    throw new Error(message)
  }
  await using raw = await rawClient(peer.url)
  raw.send('GET /_geecache/scores/a%0D%0Ax-b:%20c HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  const [head = '', ...body] = (await raw.closed()).split('\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1\.1 500 /)
  expect(head).not.toMatch(/set-cookie|x-b/)
  const [, length] = /content-length: (\d+)/i.exec(head) ?? []
  expect(Number(length)).toBe(body.join('\r\n\r\n').length)
  expect(body.join('\r\n\r\n')).not.toContain('    at ')
})
