import { GeeCacheError, NotFoundError, type PeerGetter } from '@geecache/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { response } from './answers.ts'
import { newClient } from './client.ts'
import { rawClient } from './raw-client.ts'
import { type RawRequest, rawPeer } from './raw-peer.ts'
import { localPeer, newServer } from './server.ts'
import vectors from './vectors/protobuf.json' with { type: 'json' }

/** No Debian package has mailgun/groupcache: what its peers say and expect is played here, from recorded messages. */

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  vi.useRealTimers()
  await Promise.all(closers.splice(0).map((close) => close()))
})

const bytes = (hex: string) => Buffer.from(hex, 'hex')

async function foreignPeer(answer: (request: RawRequest) => Buffer) {
  const seen: RawRequest[] = []
  const peer = await rawPeer((socket, _, request) => {
    seen.push(request)
    socket.write(answer(request))
  })
  const client = newClient(peer.url, { dialect: 'mailgun', timeoutMs: 60_000 })
  closers.push(async () => {
    await client.destroy()
    await peer[Symbol.asyncDispose]()
  })
  return { client, seen, lines: () => seen.map(({ line }) => line.replace(' HTTP/1.1', '')) }
}

function found(hex: string): Buffer {
  const body = bytes(hex)
  return response(`200 OK\ncontent-type: application/x-protobuf\ncontent-length: ${body.length}`, body)
}

describe('a mailgun peer that is asked', () => {
  it('has its value, with the date on which it expires', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_700_000_000_000 - 5000 })
    const { client, lines } = await foreignPeer(({ line }) =>
      found(line.includes('endless') ? vectors.helloThatDoesNotExpire : vectors.helloUntil1700000000000Ms),
    )
    const value = await client.get('users', 'a+b c/d')
    expect([Buffer.from(value.bytes).toString(), value.ttlMs]).toEqual(['hello', 5000])
    expect((await client.get('users', 'endless')).ttlMs).toBeUndefined()
    expect(lines()[0]).toBe('GET /_groupcache/users/a%2Bb%20c%2Fd')
  })

  it.each([
    ['404 Not Found\ncontent-length: 2', { code: 'not-found', message: 'no' }],
    ['503 Service Unavailable\ncontent-length: 2', { code: 'load-failed', message: 'no' }],
    ['500 Internal Server Error\ncontent-length: 2', { code: 'peer-failed' }],
    ['400 Bad Request\ncontent-length: 2', { code: 'peer-failed' }],
  ])('with %j means what its own clients take it for', async (head, reason) => {
    const { client } = await foreignPeer(() => response(head, 'no'))
    for (let i = 0; i < 6; i++) await expect(client.get('users', 'k1')).rejects.toMatchObject(reason)
    expect(client.isOut).toBe(false)
  })

  it('that is one of ours is taken at its word, not at its status', async () => {
    const { client } = await foreignPeer(() =>
      response('503 No\ngeecache-protocol: 1\ngeecache-code: load-timeout\ncontent-length: 2', 'no'),
    )
    await expect(client.get('users', 'k1')).rejects.toMatchObject({ code: 'load-timeout' })
  })

  it.each([
    ['cut in the middle', vectors.hello.slice(0, -2)],
    ['of some other kind', '3c68746d6c3e'],
  ])('is not believed with a message that is %s', async (_, hex) => {
    const { client } = await foreignPeer(() => found(hex))
    await expect(client.get('users', 'k1')).rejects.toMatchObject({
      code: 'peer-failed',
      message: expect.stringContaining('answered with no value'),
    })
  })
})

describe('a mailgun peer that is told', () => {
  it('gets a message for a value, and a request for each key that goes', async () => {
    const { client, seen, lines } = await foreignPeer(() => response('200 OK\ncontent-length: 0'))
    await client.set('users', 'k1', { bytes: Buffer.from('v1') })
    await client.remove('users', ['k1', 'k 2'], { round: 1 })
    expect(
      lines()
        .filter((line) => !line.endsWith('/_groupcache/'))
        .sort(),
    ).toEqual([
      'DELETE /_groupcache/users/k%202',
      'DELETE /_groupcache/users/k1',
      'PUT /_groupcache/users/k1',
    ])
    const put = seen.find(({ line }) => line.startsWith('PUT'))
    expect(Buffer.from(put?.body ?? '').toString('hex')).toBe(vectors.setUsersK1V1)
    await expect(client.clear('users', { round: 1 })).rejects.toMatchObject({ code: 'peer-failed' })
  })
})

describe('a peer of ours among mailgun’s', () => {
  async function serving(get: PeerGetter['get'], rest: Partial<PeerGetter> = {}) {
    const server = newServer({ dialect: 'mailgun', limits: { maxRequests: 2 } })
    server.peers.add('users', localPeer(get, rest))
    const { port } = await server.node.listen('127.0.0.1', 0)
    closers.push(() => server.node.close(0))
    const ask = async (method: string, path: string, body = '') => {
      await using raw = await rawClient(`http://127.0.0.1:${port}`)
      const length = body === '' ? '' : `content-length: ${body.length}\r\n`
      raw.send(`${method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${length}\r\n${body}`)
      const answer = await raw.closed()
      return { status: Number(answer.slice(9, 12)), body: answer.slice(answer.indexOf('\r\n\r\n') + 4) }
    }
    return { server, ask }
  }

  it('answers with the message they know', async () => {
    const { ask } = await serving(async (_, key) => ({ bytes: Buffer.from(key) }))
    const { status, body } = await ask('GET', '/_groupcache/users/hello')
    expect([status, Buffer.from(body, 'latin1').toString('hex')]).toEqual([
      200,
      vectors.helloThatDoesNotExpire,
    ])
    // A plus is a plus in their paths.
    expect((await ask('GET', '/_groupcache/users/a+b')).body).toContain('a+b')
  })

  it('takes values and removals', async () => {
    const told: unknown[] = []
    const { ask } = await serving(async () => ({ bytes: Buffer.from('') }), {
      set: async (group, key, value) =>
        void told.push(['set', group, key, Buffer.from(value.bytes).toString()]),
      remove: async (group, keys, { round }) => void told.push(['remove', group, keys, round]),
    })
    const message = bytes(vectors.setUsersK1V1).toString('latin1')
    expect((await ask('PUT', '/_groupcache/users/k1', message)).status).toBe(200)
    expect((await ask('DELETE', '/_groupcache/users/k1')).status).toBe(200)
    expect((await ask('DELETE', '/_groupcache/nowhere/k1')).status).toBe(200)
    expect((await ask('PUT', '/_groupcache/users/k1', 'no message')).status).toBe(400)
    expect(told).toEqual([
      ['set', 'users', 'k1', 'v1'],
      ['remove', 'users', ['k1'], 1],
      ['remove', 'users', ['k1'], 2],
    ])
  })

  it('says 404 and 503 for the origin alone: they are final there', async () => {
    const never = new Promise<never>(() => {})
    const { ask, server } = await serving(async (_, key) => {
      if (key === 'slow') return never
      if (key === 'absent') throw new NotFoundError('no')
      throw new GeeCacheError(key as 'load-failed', 'no')
    })
    const status = async (path: string) => (await ask('GET', `/_groupcache/${path}`)).status
    expect(await status('users/absent')).toBe(404)
    for (const code of ['load-failed', 'load-timeout', 'codec-failed'])
      expect(await status(`users/${code}`)).toBe(503)
    const others: number[] = [await status('nowhere/k1'), await status('users/%zz')]
    for (const code of ['invalid-key', 'overloaded', 'closed', 'peer-failed', 'peer-timeout', 'not-cached']) {
      others.push(await status(`users/${code}`))
    }
    void ask('GET', '/_groupcache/users/slow')
    void ask('GET', '/_groupcache/users/slow')
    await vi.waitFor(() => expect(server.counters.served).toBe(14))
    others.push(await status('users/k1'))
    server.peers.leave()
    others.push(await status('users/k1'))
    for (const one of others) expect([200, 404, 503]).not.toContain(one)
  })
})
