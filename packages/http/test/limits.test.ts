import { once } from 'node:events'
import { createServer, type Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { PeerGetter, PeerRequest } from '@geecache/core'
import { request } from 'undici'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { HTTPPoolOptions } from '../src/options.ts'
import { newPoolCounters } from '../src/stats.ts'
import { newClient } from './client.ts'
import { rawClient } from './raw-client.ts'
import { localPeer, newServer } from './server.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(() => Promise.all(closers.splice(0).map((close) => close())))

const echo: PeerGetter['get'] = async (_, key) => ({ bytes: Buffer.from(key) })

async function serving(
  options: HTTPPoolOptions = {},
  get: PeerGetter['get'] = echo,
  rest: Partial<PeerGetter> = {},
) {
  const server = newServer(options)
  server.peers.add('scores', localPeer(get, rest))
  const { port } = await server.node.listen('127.0.0.1', 0)
  const url = `http://127.0.0.1:${port}`
  closers.push(async () => {
    server.peers.leave()
    await server.node.close(0)
  })
  return { server, url }
}

function clientOf(url: string, options: HTTPPoolOptions = {}) {
  const counters = newPoolCounters()
  const client = newClient(url, { timeoutMs: 60_000, ...options }, counters)
  closers.push(() => client.destroy())
  return { client, counters }
}

interface Answered {
  readonly status: number
  readonly code: unknown
  readonly connection: unknown
  readonly text: string
}

async function ask(
  url: string,
  {
    method = 'GET',
    ...rest
  }: { method?: 'GET' | 'PUT' | 'POST' | 'DELETE'; body?: string; headers?: object } = {},
): Promise<Answered> {
  const answer = await request(url, { method, ...rest } as Parameters<typeof request>[1])
  const { 'geecache-code': code, connection } = answer.headers
  return { status: answer.statusCode, code, connection, text: await answer.body.text() }
}

/** A group whose gets wait until they are told to go on. */
function heldGets() {
  const held: {
    readonly key: string
    readonly request: PeerRequest | undefined
    answer(text?: string): void
  }[] = []
  const get: PeerGetter['get'] = (_, key, request) =>
    new Promise((resolve, reject) => {
      const answer = (text = key) => resolve({ bytes: Buffer.from(text) })
      request?.signal?.addEventListener('abort', () => reject(request.signal?.reason))
      held.push({ key, request, answer })
    })
  return { held, get }
}

describe('the secret', () => {
  const secret = ['a-secret-of-today!', 'a-secret-of-yesterday']
  const base = '/_geecache/'

  it.each([
    ['GET', base],
    ['GET', `${base}scores/Tom`],
    ['GET', `${base}nowhere/Tom`],
    ['PUT', `${base}scores/Tom`],
    ['POST', `${base}scores`],
    ['DELETE', `${base}scores/Tom`],
    ['GET', `${base}scores/%zz`],
  ] as const)('is asked for before anything else: %s %s (B7)', async (method, path) => {
    const get = vi.fn(echo)
    const { url, server } = await serving({ secret }, get)
    for (const authorization of ['', 'Bearer a-secret-of-today?', 'Bearer a-secret-of-today', 'Basic eDp5']) {
      const answer = await ask(url + path, { method, headers: { authorization } })
      expect(answer).toMatchObject({ status: 401, code: 'unauthorized', connection: 'close' })
      expect(answer.text).not.toContain('today')
    }
    expect(get).not.toHaveBeenCalled()
    expect(server.counters).toMatchObject({ refused: 4, served: 0 })
  })

  it('is asked for before the body has arrived (B7)', async () => {
    const { url } = await serving({ secret })
    await using raw = await rawClient(url)
    raw.send(`PUT ${base}scores/Tom HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n`)
    expect(await raw.closed()).toMatch(/^HTTP\/1\.1 401 /)
  })

  it('may be any of a list, so that it can be replaced (B9)', async () => {
    const { url } = await serving({ secret })
    for (const one of secret) {
      const { client } = clientOf(url, { secret: one })
      expect(Buffer.from((await client.get('scores', 'Tom')).bytes).toString()).toBe('Tom')
    }
    const { client } = clientOf(url, { secret: 'a-secret-of-nobody' })
    await expect(client.get('scores', 'Tom')).rejects.toMatchObject({
      code: 'peer-failed',
      message: expect.stringContaining('401 unauthorized'),
    })
  })

  it('is replaced in the steps that docs/security.md names, process by process, and nobody is refused (B9)', async () => {
    const [old, fresh] = ['a-secret-of-yesterday', 'a-secret-of-today!'] as const
    const steps = [[old], [old, fresh], [fresh, old], [fresh]]
    const servers = await Promise.all(steps.map((accepted) => serving({ secret: accepted })))
    for (const [i, known] of steps.entries()) {
      // While some processes are a step ahead, or behind.
      for (const { url } of servers.slice(Math.max(0, i - 1), i + 2)) {
        const { client } = clientOf(url, { secret: known })
        expect((await client.get('scores', 'Tom')).bytes.length).toBe(3)
      }
    }
    expect(servers.map(({ server }) => server.counters.refused)).toEqual([0, 0, 0, 0])
    const { client } = clientOf(servers[3]?.url as string, { secret: old })
    await expect(client.get('scores', 'Tom')).rejects.toThrow('401')
  })

  it('goes with every kind of request', async () => {
    const seen: string[] = []
    const server = newServer({ secret, dialect: 'mailgun' })
    const drop = vi.fn(async () => {})
    server.peers.add('scores', localPeer(echo, { set: drop, remove: drop, clear: drop }))
    const application = createServer((req, res) => {
      seen.push(`${req.method} ${req.headers.authorization}`)
      server.node.handle(req, res, undefined)
    })
    const url = await listening(application)
    const { client } = clientOf(url, { secret, dialect: 'mailgun' })
    await client.get('scores', 'a')
    await Promise.all(['a', 'b'].map((key) => client.get('scores', key)))
    await client.get('scores', 'a', { onlyIfCached: true })
    await client.set('scores', 'a', { bytes: Buffer.from('x') })
    await client.remove('scores', ['a'], { round: 1 })
    await client.clear('scores', { round: 2 })
    expect(drop).toHaveBeenCalledTimes(3)
    expect(new Set(seen)).toEqual(
      new Set(['GET', 'POST', 'PUT'].map((method) => `${method} Bearer ${secret[0]}`)),
    )
  })

  it('that is wrong takes the peer for one that fails', async () => {
    const { url } = await serving({ secret })
    const { client, counters } = clientOf(url, { secret: 'a-secret-of-nobody' })
    for (let i = 0; i < 2; i++) await expect(client.get('scores', 'Tom')).rejects.toThrow()
    expect(client.isOut).toBe(true)
    expect(counters.failures).toBe(2)
  })
})

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(async () => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('a limit', () => {
  it('of requests under way: more are refused as too many, and room is made by those that end (B13)', async () => {
    const { held, get } = heldGets()
    const { url, server } = await serving({ limits: { maxRequests: 2 } }, get)
    const running = ['a', 'b'].map((key) => ask(`${url}/_geecache/scores/${key}`))
    await vi.waitFor(() => expect(held.length).toBe(2))
    const refusal = { status: 503, code: 'busy', connection: 'close' }
    expect(await ask(`${url}/_geecache/scores/c`)).toMatchObject(refusal)
    expect(held.length).toBe(2)
    expect(server.counters).toMatchObject({ served: 2, refused: 1 })
    held[0]?.answer()
    expect((await (running[0] as Promise<Answered>)).text).toBe('a')
    const another = ask(`${url}/_geecache/scores/d`)
    await vi.waitFor(() => expect(held.length).toBe(3))
    for (const { answer } of held) answer()
    expect((await another).text).toBe('d')
  })

  it('of requests under way: a batch counts until its last key, or until its caller has left', async () => {
    const { held, get } = heldGets()
    const { url } = await serving({ limits: { maxRequests: 1 } }, get)
    for (const leaves of [true, false]) {
      const { client } = clientOf(url)
      const caller = new AbortController()
      const [a, b] = ['a', 'b'].map((key) => client.get('scores', key, { signal: caller.signal }))
      await vi.waitFor(() => expect(held.length).toBe(2))
      held[0]?.answer()
      await a
      expect(await ask(`${url}/_geecache/scores/c`)).toMatchObject({ status: 503, code: 'busy' })
      if (leaves) {
        caller.abort(new Error('left'))
        await expect(b).rejects.toThrow('left')
        await vi.waitFor(() => expect(held[1]?.request?.signal?.aborted).toBe(true))
      } else {
        held[1]?.answer()
        await b
      }
      held.length = 0
      const next = ask(`${url}/_geecache/scores/d`)
      await vi.waitFor(() => expect(held.length).toBe(1))
      held.pop()?.answer()
      expect((await next).text).toBe('d')
    }
  })

  it('of requests under way: one whose caller left before there was anything to say makes room', async () => {
    const { held, get } = heldGets()
    const { url } = await serving({ limits: { maxRequests: 1 } }, get)
    const { client } = clientOf(url)
    const caller = new AbortController()
    const gets = ['a', 'b'].map((key) => client.get('scores', key, { signal: caller.signal }))
    for (const one of gets) one.catch(() => {})
    await vi.waitFor(() => expect(held.length).toBe(2))
    caller.abort()
    held[0]?.answer()
    await vi.waitFor(() => expect(held[1]?.request?.signal?.aborted).toBe(true))
    const next = ask(`${url}/_geecache/scores/d`)
    await vi.waitFor(() => expect(held.length).toBe(3))
    held[2]?.answer()
    expect((await next).text).toBe('d')
  })

  it('of a list of keys, in number and in bytes', async () => {
    const get = vi.fn(echo)
    const { url } = await serving({ limits: { maxKeys: 2, maxBodyBytes: 100 } }, get)
    const post = (keys: string[]) => {
      const headers = { 'content-type': 'application/vnd.geecache.ask+json' }
      return ask(`${url}/_geecache/scores`, { method: 'POST', body: JSON.stringify(keys), headers })
    }
    expect(await post(['a', 'b', 'c'])).toMatchObject({ status: 400, code: 'bad-request' })
    expect(await post([])).toMatchObject({ status: 400, code: 'bad-request' })
    expect(await post(['x'.repeat(97)])).toMatchObject({ status: 413, code: 'too-large' })
    expect(get).not.toHaveBeenCalled()
    expect(await post(['a', 'b'])).toMatchObject({ status: 200 })
    expect(await post(['x'.repeat(96)])).toMatchObject({ status: 200 })
  })

  it('of a body is told to who sends one far longer, and his connection goes on', async () => {
    const set = vi.fn(async () => {})
    const { url } = await serving({ limits: { maxValueBytes: 1000 } }, echo, { set })
    const { client, counters } = clientOf(url)
    for (let i = 0; i < 3; i++) {
      await expect(client.set('scores', 'Tom', { bytes: Buffer.alloc(20 * 2 ** 20) })).rejects.toMatchObject({
        code: 'peer-failed',
        message: expect.stringContaining('413 too-large'),
      })
    }
    expect(set).not.toHaveBeenCalled()
    // Nothing is wrong with this peer.
    expect([client.isOut, counters.failures, counters.retries]).toEqual([false, 0, 0])
    await client.set('scores', 'Tom', { bytes: Buffer.alloc(1000) })
    expect(set).toHaveBeenCalledTimes(1)
  })

  it('of a body is told as soon as it is passed, not when all has been read', async () => {
    const { url } = await serving({ limits: { maxValueBytes: 1000, maxBodyBytes: 1000 } })
    for (const [method, path, type] of [
      ['PUT', 'scores/Tom', 'application/octet-stream'],
      ['POST', 'scores', 'application/vnd.geecache.ask+json'],
    ]) {
      await using raw = await rawClient(url)
      raw.send(
        `${method} /_geecache/${path} HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\ncontent-length: 1000000000\r\n\r\n`,
      )
      raw.send('x'.repeat(1001))
      expect(await raw.until('too large')).toMatch(/^HTTP\/1\.1 413 /)
    }
  })

  it('of a value holds for what is answered, one or many, and nobody is blamed', async () => {
    const get = vi.fn<PeerGetter['get']>(async (_, key) => ({
      bytes: Buffer.alloc(key === 'large' ? 1001 : 1000),
    }))
    const { url } = await serving({ limits: { maxValueBytes: 1000 } }, get)
    const { client, counters } = clientOf(url)
    const refusal = { code: 'peer-failed', message: expect.stringContaining('500 too-large') }
    for (let i = 0; i < 3; i++) {
      const outcomes = await Promise.allSettled(['a', 'large', 'b'].map((key) => client.get('scores', key)))
      expect(outcomes).toMatchObject([{ status: 'fulfilled' }, { reason: refusal }, { status: 'fulfilled' }])
      await expect(client.get('scores', 'large')).rejects.toMatchObject(refusal)
    }
    expect([client.isOut, counters.failures]).toEqual([false, 0])
  })

  it('of a value holds for what comes back from a peer that has another, and nobody is blamed (A5)', async () => {
    const { url } = await serving({}, async () => ({ bytes: Buffer.alloc(1001) }))
    const { client, counters } = clientOf(url, { limits: { maxValueBytes: 1000 } })
    for (let i = 0; i < 3; i++) {
      await expect(client.get('scores', 'large')).rejects.toMatchObject({
        code: 'peer-failed',
        message: expect.stringContaining('answered with more than 1000 bytes'),
      })
    }
    expect([client.isOut, counters.failures]).toEqual([false, 0])
  })

  it('of connections: more are closed, and counted (B13)', async () => {
    const { url, server } = await serving({ limits: { maxConnections: 2 } })
    await using first = await rawClient(url)
    await using second = await rawClient(url)
    await using third = await rawClient(url)
    expect(await third.closed()).toBe('')
    expect(server.counters.connectionsDropped).toBe(1)
    for (const raw of [first, second]) {
      raw.send('GET /_geecache/scores/Tom HTTP/1.1\r\nhost: x\r\n\r\n')
      expect(await raw.until('Tom')).toMatch(/^HTTP\/1\.1 200 /)
    }
  })

  it('of connections to a peer: calls wait for one that is free', async () => {
    const { held, get } = heldGets()
    const { url } = await serving({}, get)
    const { client } = clientOf(url, { batch: false, limits: { maxConnectionsPerPeer: 2 } })
    const names = ['a', 'b', 'c', 'd', 'e']
    const answers = Promise.all(names.map((name) => client.get('scores', name)))
    const seen: string[] = []
    while (seen.length < names.length) {
      await vi.waitFor(() => expect(held.length).toBeGreaterThan(0))
      expect(held.length).toBeLessThanOrEqual(2)
      const [first] = held.splice(0, 1)
      seen.push(first?.key ?? '')
      first?.answer()
    }
    await answers
    expect(seen.sort()).toEqual(names)
  })

  it.each<[string, HTTPPoolOptions['limits'], string]>([
    [
      'headers',
      { headersTimeoutMs: 200, requestTimeoutMs: 60_000 },
      'GET /_geecache/scores/Tom HTTP/1.1\r\nhost: x\r\nx-a: ',
    ],
    [
      'body',
      { headersTimeoutMs: 200, requestTimeoutMs: 300 },
      'PUT /_geecache/scores/Tom HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\ncontent-length: 1000\r\n\r\n',
    ],
  ])('of time: who sends his %s drop by drop is cut off (B12)', async (_, limits, beginning) => {
    const { url } = await serving({ limits })
    await using raw = await rawClient(url)
    const began = performance.now()
    raw.send(beginning)
    const drip = setInterval(() => raw.send('x'), 50)
    try {
      expect(await raw.closed()).toMatch(/^HTTP\/1\.1 408 [\s\S]*geecache-code: too-slow\r\n/)
    } finally {
      clearInterval(drip)
    }
    // By default node looks once in 30 seconds.
    expect(performance.now() - began).toBeLessThan(15_000)
  })

  it('of a path: far too long a key is refused (B3)', async () => {
    const { url } = await serving()
    await using raw = await rawClient(url)
    raw.send(`GET /_geecache/scores/${'x'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`)
    expect(await raw.closed()).toMatch(/^HTTP\/1\.1 431 [\s\S]*geecache-code: too-large\r\n/)
  })

  it('that the caller sets to his wait ends the load (A11)', async () => {
    const { held, get } = heldGets()
    const { url } = await serving({}, get)
    const answer = await ask(`${url}/_geecache/scores/Tom`, { headers: { 'geecache-timeout-ms': '20' } })
    expect(answer).toMatchObject({ status: 504, code: 'peer-timeout' })
    expect(held[0]?.request?.signal?.aborted).toBe(true)
  })

  it('that the caller sets to his wait is a missed deadline for him, whoever notices first', async () => {
    const { held, get } = heldGets()
    const { url, server } = await serving({}, get)
    const { client } = clientOf(url)
    // As if the server's clock were ahead.
    const answer = server.peers.answer.bind(server.peers)
    vi.spyOn(server.peers, 'answer').mockImplementation((message) => {
      const header = (name: string) => (name === 'geecache-timeout-ms' ? '20' : message.header(name))
      const { method, path, isGone, signal } = message
      return answer({ method, path, isGone, signal, header, body: (maxBytes) => message.body(maxBytes) })
    })
    const outcomes = await Promise.allSettled(['a', 'b'].map((key) => client.get('scores', key)))
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { code: 'peer-timeout' } })
    await expect(client.get('scores', 'Tom')).rejects.toMatchObject({ code: 'peer-timeout' })
    expect(held.every(({ request }) => request?.signal?.aborted)).toBe(true)
  })
})

describe('a peer that reads slowly', () => {
  it('is not written more than the network takes, and gets all of it in the end (B13)', async () => {
    const names = Array.from({ length: 60 }, (_, i) => `key-${i}`)
    const answers: (() => void)[] = []
    const value = { bytes: Buffer.alloc(2 ** 20, 'x') }
    const { url } = await serving({}, () => new Promise((resolve) => answers.push(() => resolve(value))))
    await using raw = await rawClient(url)
    const write = vi.spyOn(ServerResponse.prototype, 'write')
    const warning = vi.fn()
    process.on('warning', warning)
    const body = JSON.stringify(names)
    const type = 'application/vnd.geecache.ask+json'
    raw.send(`POST /_geecache/scores HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: ${type}\r\n`)
    raw.send(`content-length: ${body.length}\r\n\r\n${body}`)
    await vi.waitFor(() => expect(answers.length).toBe(names.length))
    raw.socket.pause()
    for (const answer of answers) {
      answer()
      await new Promise((resolve) => setImmediate(resolve))
    }
    // A head and a body for each, as far as the kernel's buffers go.
    expect(write.mock.calls.length).toBeLessThan(names.length)
    raw.socket.resume()
    expect((await raw.closed()).length).toBeGreaterThan(names.length * value.bytes.length)
    process.off('warning', warning)
    expect(warning).not.toHaveBeenCalled()
  })
})

describe('a peer that reads nothing', () => {
  const request = (key: string) => `GET /_geecache/scores/${key} HTTP/1.1\r\nhost: x\r\n\r\n`

  /** Asks on a connection of which the server's end is known, too. */
  async function connected(options: HTTPPoolOptions, get: PeerGetter['get']) {
    const { url, server } = await serving(options, get)
    const handle = vi.spyOn(server.node, 'handle')
    const raw = await rawClient(url)
    closers.push(async () => raw.socket.destroy())
    raw.send(request('first'))
    await vi.waitFor(() => expect(handle).toHaveBeenCalled())
    return { raw, socket: handle.mock.calls[0]?.[0].socket as Socket }
  }

  const quick: HTTPPoolOptions = { limits: { headersTimeoutMs: 50, requestTimeoutMs: 50 } }

  it('of what it has asked for is cut off, and the answer not held for ever (B13)', async () => {
    const { held, get } = heldGets()
    const { raw, socket } = await connected(quick, get)
    raw.socket.pause()
    const bytes = 32 * 2 ** 20
    held[0]?.answer('x'.repeat(bytes))
    await once(socket, 'close')
    raw.socket.resume()
    expect((await raw.closed()).length).toBeLessThan(bytes)
  })

  it('because there is nothing yet waits for its value as long as it likes', async () => {
    const { held, get } = heldGets()
    const { raw, socket } = await connected(quick, get)
    await once(socket, 'timeout')
    held[0]?.answer('630')
    expect(await raw.until('630')).toContain('630')
    // It may also be long before the rest of a batch is there.
    const type = 'application/vnd.geecache.ask+json'
    raw.send(`POST /_geecache/scores HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\n`)
    raw.send('content-length: 9\r\n\r\n["a","b"]')
    await vi.waitFor(() => expect(held.length).toBe(3))
    held[1]?.answer('589')
    await raw.until('589')
    socket.emit('timeout')
    held[2]?.answer('567')
    expect(await raw.until('567')).toContain('567')
  })

  it('because it asks nothing does not keep its connection for ever', async () => {
    const { raw, socket } = await connected({}, echo)
    await raw.until('first')
    // As node says it when the connection was kept long enough.
    socket.emit('timeout')
    await raw.closed()
  })
})

describe('a request that is none', () => {
  const get = 'GET /_geecache/scores/Tom HTTP/1.1\r\nhost: x\r\n'
  it.each([
    ['a length and chunks', `${get}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['two lengths', `${get}content-length: 5\r\ncontent-length: 6\r\n\r\nhello`],
    ['a folded header', `${get}x-a: b\r\n c: d\r\n\r\n`],
    ['bare line feeds', 'GET /_geecache/scores/Tom HTTP/1.1\nhost: x\n\n'],
    ['a space before the colon', `${get}content-length : 5\r\n\r\nhello`],
    ['chunks that are none', `${get}transfer-encoding: chunked\r\n\r\nzz\r\n`],
    ['no HTTP', 'hello\r\n\r\n'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('with %s is refused, and its connection closed (B11)', async (_, text) => {
    const { url } = await serving()
    await using raw = await rawClient(url)
    raw.send(text)
    expect(await raw.closed()).toMatch(/^HTTP\/1\.1 400 [\s\S]*geecache-code: bad-request\r\n/)
  })

  it('behind one whose answer has begun is not answered, for that would be a part of the other answer', async () => {
    const { held, get } = heldGets()
    const { url } = await serving({}, get)
    await using raw = await rawClient(url)
    const ask = 'content-type: application/vnd.geecache.ask+json\r\ncontent-length: 9\r\n\r\n["a","b"]'
    raw.send(`POST /_geecache/scores HTTP/1.1\r\nhost: x\r\n${ask}`)
    await vi.waitFor(() => expect(held.length).toBe(2))
    held[0]?.answer('630')
    await raw.until('630')
    raw.send('hello\r\n\r\n')
    expect(await raw.closed()).not.toContain('400')
  })

  it.each([
    '/_geecache/../etc/passwd',
    '/_geecache/%2e%2e/%2e%2e/etc/passwd',
    '/_geecache/%252e%252e/x',
    'http://elsewhere/_geecache/scores/Tom',
    '//_geecache/scores/Tom',
    '/_geecachex/scores/Tom',
    '/x/../_geecache/scores/Tom',
    '/_geecache\\scores\\Tom',
    '*',
  ])('for %s finds nothing (B5)', async (path) => {
    const { url } = await serving()
    await using raw = await rawClient(url)
    raw.send(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
    expect(await raw.closed()).toMatch(/^HTTP\/1\.1 404 /)
  })
})
