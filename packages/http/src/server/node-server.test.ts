import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GeeCacheError, NotFoundError, type PeerGetter } from '@geecache/core'
import { request } from 'undici'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { localPeer, newServer as serverWith } from '../../test/server.ts'

const newServer = () => serverWith({ limits: { maxValueBytes: 1000 } })

const encoder = new TextEncoder()
const closers: (() => Promise<unknown>)[] = []
afterEach(() => Promise.all(closers.splice(0).map((close) => close())))

async function listening(get: PeerGetter['get'], rest: Partial<PeerGetter> = {}) {
  const server = newServer()
  server.peers.add('scores', localPeer(get, rest))
  const { port } = await server.node.listen('127.0.0.1', 0)
  closers.push(() => close(server, 1))
  return { server, url: `http://127.0.0.1:${port}` }
}

async function ask(url: string, method: 'GET' | 'PUT' | 'DELETE' | 'POST' | 'HEAD' = 'GET') {
  const { statusCode, headers, body } = await request(url, { method })
  return { status: statusCode, headers, text: await body.text() }
}

function close({ peers, node }: ReturnType<typeof newServer>, drainMs: number): Promise<void> {
  peers.leave()
  return node.close(drainMs)
}

describe('NodeServer', () => {
  it('answers with the bytes of the value, their length and their time left', async () => {
    const { url } = await listening(async () => ({ bytes: encoder.encode('630'), ttlMs: 1500.9 }))
    const { status, headers, text } = await ask(`${url}/_geecache/scores/Tom`)
    expect([status, text]).toEqual([200, '630'])
    expect(headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '3',
      'geecache-ttl-ms': '1500',
    })
  })

  it('answers with an empty value as with any other', async () => {
    const { url } = await listening(async () => ({ bytes: new Uint8Array() }))
    const { status, headers, text } = await ask(`${url}/_geecache/scores/Tom`)
    expect([status, text, headers['content-length']]).toEqual([200, '', '0'])
    expect(headers).not.toHaveProperty('geecache-ttl-ms')
  })

  it('hands the group the key that was meant', async () => {
    const { url } = await listening(async (group, key) => ({ bytes: encoder.encode(`${group}:${key}`) }))
    expect((await ask(`${url}/_geecache/scores/a%2Fb%20c%2Bd%3F`)).text).toBe('scores:a/b c+d?')
  })

  it('says why there is no value, in a code and a message, without a stack (B6)', async () => {
    const { url } = await listening(async (_, key) => {
      if (key === 'kkk') throw new NotFoundError('kkk not exist')
      throw new GeeCacheError('load-failed', 'disk on fire\r\nset-cookie: x', { cause: new Error('secret') })
    })
    const absent = await ask(`${url}/_geecache/scores/kkk`)
    expect([absent.status, absent.headers['geecache-code'], absent.text]).toEqual([
      404,
      'not-found',
      'kkk not exist',
    ])
    const failed = await ask(`${url}/_geecache/scores/Tom`)
    expect([failed.status, failed.headers['geecache-code'], failed.text]).toEqual([
      500,
      'load-failed',
      'disk on fire\r\nset-cookie: x',
    ])
    expect(failed.headers).not.toHaveProperty('set-cookie')
  })

  it('says nothing of errors that are not Geecache’s own', async () => {
    const { url } = await listening(async () => {
      throw new Error('secret')
    })
    const { status, headers, text } = await ask(`${url}/_geecache/scores/Tom`)
    expect([status, headers['geecache-code']]).toEqual([500, 'internal'])
    expect(text).not.toContain('secret')
  })

  it.each([
    ['GET', '/', 404, 'path-unknown'],
    ['GET', '/_geecache', 404, 'path-unknown'],
    ['GET', '/_geecache/', 204, undefined],
    ['PUT', '/_geecache/', 405, 'method-not-allowed'],
    ['GET', '/_geecache/scores', 405, 'method-not-allowed'],
    ['PUT', '/_geecache/scores', 405, 'method-not-allowed'],
    ['POST', '/_geecache/scores', 415, 'bad-request'],
    ['PUT', '/_geecache/ranks/Tom', 404, 'group-unknown'],
    ['POST', '/_geecache/ranks', 404, 'group-unknown'],
    ['GET', '/_geecache/scores/%zz', 400, 'bad-request'],
    ['GET', '/_geecache/ranks/Tom', 404, 'group-unknown'],
    ['GET', '/_geecache/__proto__/Tom', 404, 'group-unknown'],
    ['DELETE', '/_geecache/scores/Tom', 405, 'method-not-allowed'],
    ['POST', '/_geecache/scores/Tom', 405, 'method-not-allowed'],
  ] as const)('answers %s %s with %i %s (B4, B5, B14)', async (method, path, status, code) => {
    const { url } = await listening(async () => ({ bytes: new Uint8Array() }))
    const answer = await ask(url + path, method)
    expect([answer.status, answer.headers['geecache-code']]).toEqual([status, code])
  })

  it.each([
    ['0', 400, 'version-unknown'],
    ['2', 400, 'version-unknown'],
    ['', 400, 'version-unknown'],
    ['1', 200, undefined],
  ])('answers a request in version %j of the protocol with %i', async (version, status, code) => {
    const get = vi.fn(async () => ({ bytes: new Uint8Array() }))
    const { url } = await listening(get)
    const answer = await request(`${url}/_geecache/scores/Tom`, { headers: { 'geecache-protocol': version } })
    await answer.body.dump()
    expect([answer.statusCode, answer.headers['geecache-code']]).toEqual([status, code])
    expect(get).toHaveBeenCalledTimes(status === 200 ? 1 : 0)
  })

  it('hands the group a value that is set, with its time to live', async () => {
    const sets: unknown[] = []
    const { url } = await listening(async () => ({ bytes: new Uint8Array() }), {
      set: async (group, key, { bytes, ttlMs }, request) =>
        void sets.push([group, key, Buffer.from(bytes).toString(), ttlMs, request?.reservation]),
    })
    const put = async (body: string, headers = {}) => {
      const answer = await request(`${url}/_geecache/scores/Tom`, {
        method: 'PUT',
        body,
        headers: { 'content-type': 'application/octet-stream', ...headers },
      })
      await answer.body.dump()
      return [answer.statusCode, answer.headers['geecache-code']]
    }
    expect(await put('631')).toEqual([204, undefined])
    const headers = { 'geecache-ttl-ms': '500', 'geecache-reservation': 'a' }
    expect(await put('632', headers)).toEqual([204, undefined])
    expect(sets).toEqual([
      ['scores', 'Tom', '631', undefined, undefined],
      ['scores', 'Tom', '632', 500, 'a'],
    ])
    expect(await put('x'.repeat(1001))).toEqual([413, 'too-large'])
    expect(await put('633', { 'geecache-ttl-ms': 'soon' })).toEqual([400, 'bad-request'])
    expect(sets.length).toBe(2)
  })

  it('hands the group the keys to drop, and the round (B10)', async () => {
    const drops: unknown[] = []
    const { url } = await listening(async () => ({ bytes: new Uint8Array() }), {
      remove: async (group, keys, { round, reservation }) =>
        void drops.push([group, keys, round, reservation]),
      clear: async (group, { round }) => void drops.push([group, 'all', round]),
    })
    const post = async (body: string, type = 'application/vnd.geecache.drop+json') => {
      const headers = { 'content-type': type }
      const answer = await request(`${url}/_geecache/scores`, { method: 'POST', body, headers })
      await answer.body.dump()
      return answer.statusCode
    }
    expect(await post('{"round":1,"keys":["Tom","a/b"]}')).toBe(204)
    expect(await post('{"round":2,"keys":"all"}')).toBe(204)
    expect(await post('{"round":1,"keys":["Tom"],"reservation":"a"}')).toBe(204)
    expect(drops).toEqual([
      ['scores', ['Tom', 'a/b'], 1, undefined],
      ['scores', 'all', 2],
      ['scores', ['Tom'], 1, 'a'],
    ])
    const wrong = [
      '',
      'null',
      '[]',
      '{"round":3,"keys":[]}',
      '{"round":1}',
      '{"round":1,"keys":[1]}',
      '{"round":1,"keys":"some"}',
    ]
    for (const body of wrong) expect(await post(body)).toBe(400)
    // What a web page may send without asking.
    for (const type of ['text/plain', 'application/json', '']) {
      expect(await post('{"round":1,"keys":"all"}', type)).toBe(415)
    }
    expect(drops.length).toBe(3)
    // A group that is not here holds nothing.
  })

  it('tells the group when the caller has hung up', async () => {
    let left: () => void = () => {}
    const hungUp = new Promise<void>((resolve) => {
      left = resolve
    })
    const caller = new AbortController()
    const { url } = await listening((_group, _key, options) => {
      options?.signal?.addEventListener('abort', left)
      caller.abort()
      return new Promise(() => {})
    })
    await expect(request(`${url}/_geecache/scores/Tom`, { signal: caller.signal })).rejects.toThrow()
    await hungUp
  })

  it('leaves other paths to the application it is mounted in', async () => {
    const server = newServer()
    server.peers.add(
      'scores',
      localPeer(async () => ({ bytes: encoder.encode('630') })),
    )
    const application = createServer((req, res) => server.node.handle(req, res, () => res.end('application')))
    application.listen(0, '127.0.0.1')
    await once(application, 'listening')
    closers.push(async () => {
      application.close()
      application.closeAllConnections()
    })
    const url = `http://127.0.0.1:${(application.address() as AddressInfo).port}`
    expect((await ask(`${url}/_geecache/scores/Tom`)).text).toBe('630')
    expect((await ask(`${url}/api?key=Tom`, 'POST')).text).toBe('application')
  })

  it('rejects when its port is taken, and can listen elsewhere afterwards', async () => {
    const { url } = await listening(async () => ({ bytes: new Uint8Array() }))
    const second = newServer()
    await expect(second.node.listen('127.0.0.1', Number(new URL(url).port))).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
    await second.node.listen('127.0.0.1', 0)
    await expect(second.node.listen('127.0.0.1', 0)).rejects.toMatchObject({ code: 'invalid-option' })
    await close(second, 0)
  })

  it('answers what runs when it is closed, and then closes its connections', async () => {
    let answer: () => void = () => {}
    let arrived: () => void = () => {}
    const atServer = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const { server, url } = await listening(() => {
      arrived()
      return new Promise((resolve) => {
        answer = () => resolve({ bytes: encoder.encode('630') })
      })
    })
    const running = ask(`${url}/_geecache/scores/Tom`)
    await atServer
    const closed = close(server, 60_000)
    await expect(request(`${url}/_geecache/scores/Sam`)).rejects.toThrow()
    answer()
    expect((await running).text).toBe('630')
    await closed
  })

  it('cuts off what runs too long after it was closed', async () => {
    let arrived: () => void = () => {}
    const atServer = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const { server, url } = await listening((_group, _key, options) => {
      arrived()
      return new Promise((_, reject) =>
        options?.signal?.addEventListener('abort', () => reject(new Error('left'))),
      )
    })
    const running = ask(`${url}/_geecache/scores/Tom`)
    running.catch(() => {})
    await atServer
    await close(server, 10)
    await expect(running).rejects.toThrow()
  })

  it('refuses as one that is leaving when the application it is mounted in goes on', async () => {
    const server = newServer()
    const application = createServer((req, res) => server.node.handle(req, res, () => res.end('application')))
    application.listen(0, '127.0.0.1')
    await once(application, 'listening')
    closers.push(async () => application.close())
    const url = `http://127.0.0.1:${(application.address() as AddressInfo).port}`
    await close(server, 0)
    const { status, headers } = await ask(`${url}/_geecache/scores/Tom`)
    expect([status, headers['geecache-code'], headers.connection]).toEqual([503, 'closed', 'close'])
    application.closeIdleConnections()
  })
})
