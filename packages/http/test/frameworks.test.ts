import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Group, type PeerGetter, text } from '@geecache/core'
import { serve } from '@hono/node-server'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { HTTPPool } from '../src/http-pool.ts'
import type { HTTPPoolOptions } from '../src/options.ts'
import { newClient } from './client.ts'
import { rawClient } from './raw-client.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(() => Promise.all(closers.splice(0).map((close) => close())))

/** Starts an application with a pool mounted in it, and two routes of its own. */
type Start = (pool: HTTPPool) => Promise<{ readonly port: number; close(): Promise<unknown> }>

function closing(server: Server): () => Promise<void> {
  return async () => {
    server.close()
    server.closeAllConnections()
  }
}

const inExpress: Start = async (pool) => {
  const app = express()
  app.use(pool.handler)
  app.use(express.json())
  app.get('/api', (_, response) => void response.send('application'))
  app.post('/echo', (request, response) => void response.json(request.body))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, close: closing(server) }
}

/** Under a path of its own, where Express cuts the URL. */
const inExpressRouter: Start = async (pool) => {
  const app = express()
  app.use(express.json())
  app.use('/_geecache', pool.handler)
  app.get('/api', (_, response) => void response.send('application'))
  app.post('/echo', (request, response) => void response.json(request.body))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, close: closing(server) }
}

const inFastify: Start = async (pool) => {
  const app = Fastify()
  app.addHook('onRequest', (request, reply, done) => pool.handler(request.raw, reply.raw, done))
  app.get('/api', async () => 'application')
  app.post('/echo', async (request) => request.body)
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { port: (app.server.address() as AddressInfo).port, close: () => app.close() }
}

const inHono: Start = async (pool) => {
  const app = new Hono()
  app.all('/_geecache/*', (c) => pool.fetch(c.req.raw))
  app.get('/api', (c) => c.text('application'))
  app.post('/echo', async (c) => c.json(await c.req.json()))
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, close: closing(server) }
}

const keys = [
  'plain',
  'a/b',
  '/',
  '//',
  'a//b/',
  '.',
  '..',
  '../../etc/passwd',
  'a/./b/../c',
  '%2e%2e',
  '%',
  'a b',
  'a+b',
  ' ',
  '?a=b&c#d',
  'ä€😀',
  'a\u0308',
  '\0',
  '\r\nx: y',
  '\\',
  ';,:@&=$!*\'()[]{}|^`"<>~',
  '__proto__',
  'x'.repeat(300),
]

describe.each<[string, Start]>([
  ['Express', inExpress],
  ['Express, under a path', inExpressRouter],
  ['Fastify', inFastify],
  ['Hono', inHono],
])('a pool in %s', (_, start) => {
  async function mounted(getter: (key: string) => string | Promise<string> = (key) => `value of ${key}`) {
    const pool = new HTTPPool('http://127.0.0.1:1')
    const group = new Group<string>({ name: 'my/scores .', maxBytes: 2 ** 24, codec: text(), getter })
    pool.register(group)
    const { port, close } = await start(pool)
    const url = `http://127.0.0.1:${port}`
    const client = newClient(url, { timeoutMs: 60_000 })
    closers.push(async () => {
      await client.destroy()
      await pool.close()
      await close()
    })
    const get: PeerGetter['get'] = client.get.bind(client)
    const textOf = async (key: string) => Buffer.from((await get(group.name, key)).bytes).toString()
    return { pool, group, url, client, textOf }
  }

  it('serves every key, alone and among others (B1, B14)', async () => {
    const { textOf, pool } = await mounted()
    for (const key of keys) expect(await textOf(key)).toBe(`value of ${key}`)
    const { served } = pool.stats
    expect(await Promise.all(keys.map(textOf))).toEqual(keys.map((key) => `value of ${key}`))
    expect(pool.stats.served - served).toBeLessThan(keys.length / 4)
  })

  it('takes values and removals', async () => {
    const { client, group, textOf } = await mounted()
    for (const key of keys) {
      await client.set(group.name, key, { bytes: Buffer.from(`set ${key}`), ttlMs: 60_000 })
      expect(group.peek(key)).toBe(`set ${key}`)
    }
    await client.remove(group.name, keys, { round: 1 })
    for (const key of keys) expect(group.peek(key)).toBeUndefined()
    await textOf('plain')
    await client.clear(group.name, { round: 1 })
    expect(group.peek('plain')).toBeUndefined()
  })

  it('answers each key of a batch as soon as it is there', async () => {
    let answer: (text: string) => void = () => {}
    const slow = new Promise<string>((resolve) => {
      answer = resolve
    })
    const { textOf } = await mounted((key) => (key === 'slow' ? slow : key))
    const [first, second] = [textOf('slow'), textOf('fast')]
    expect(await second).toBe('fast')
    answer('at last')
    expect(await first).toBe('at last')
  })

  it('brings large values', async () => {
    const large = 'x'.repeat(3 * 2 ** 20)
    const { textOf } = await mounted((key) => large + key)
    expect(await textOf('a')).toBe(`${large}a`)
    const texts = await Promise.all(['b', 'c'].map(textOf))
    expect(texts.map((one) => [one.length, one.at(-1)])).toEqual([
      [large.length + 1, 'b'],
      [large.length + 1, 'c'],
    ])
  })

  it('tells the group when the caller has hung up', async () => {
    const signals: (AbortSignal | undefined)[] = []
    const { group, url } = await mounted()
    vi.spyOn(group.local, 'ask').mockImplementation((_group, _key, _answer, request) => {
      signals.push(request?.signal)
    })
    await using raw = await rawClient(url)
    raw.send('GET /_geecache/my%2Fscores%20./Tom HTTP/1.1\r\nhost: x\r\n\r\n')
    await vi.waitFor(() => expect(signals.length).toBe(1))
    raw.socket.resetAndDestroy()
    await vi.waitFor(() => expect(signals[0]?.aborted).toBe(true))
  })

  it('leaves the other routes alone', async () => {
    const { url } = await mounted()
    expect(await (await fetch(`${url}/api`)).text()).toBe('application')
    const echo = await fetch(`${url}/echo`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"a":[1]}',
    })
    expect(await echo.json()).toEqual({ a: [1] })
    const unknown = await fetch(`${url}/unknown`)
    expect([unknown.status, unknown.headers.get('geecache-code')]).toEqual([404, null])
    expect((await fetch(`${url}/_geecachex/scores/Tom`)).headers.get('geecache-code')).toBeNull()
  })

  it('says with a code what is wrong', async () => {
    const { url } = await mounted()
    const codeOf = async (path: string, init?: RequestInit) => {
      const { status, headers } = await fetch(url + path, init)
      return [status, headers.get('geecache-code')]
    }
    expect(await codeOf('/_geecache/nowhere/Tom')).toEqual([404, 'group-unknown'])
    expect(await codeOf('/_geecache/my%2Fscores%20.', { method: 'PUT', body: 'x' })).toEqual([
      405,
      'method-not-allowed',
    ])
    expect(await codeOf('/_geecache/my%2Fscores%20.', { method: 'POST', body: 'x' })).toEqual([
      415,
      'bad-request',
    ])
    expect(await codeOf('/_geecache/')).toEqual([204, null])
  })
})

describe('a pool that is closed while fetch answers', () => {
  async function running(options: HTTPPoolOptions) {
    const pool = new HTTPPool('http://127.0.0.1:1', options)
    let answer: (text: string) => void = () => {}
    const signals: AbortSignal[] = []
    const getter = (_: string, { signal }: { signal: AbortSignal }) => {
      signals.push(signal)
      return new Promise<string>((resolve) => {
        answer = resolve
      })
    }
    pool.register(new Group<string>({ name: 'scores', maxBytes: 2 ** 20, codec: text(), getter }))
    const ask = (path: string, init?: RequestInit) =>
      pool.fetch(new Request(`http://x/_geecache/${path}`, init))
    const headers = { 'content-type': 'application/vnd.geecache.ask+json' }
    return {
      pool,
      signals,
      answer: (value: string) => answer(value),
      one: () => ask('scores/a'),
      many: () => ask('scores', { method: 'POST', body: '["", "b"]', headers }),
    }
  }

  it.each(['one', 'many'] as const)('waits for what runs: %s', async (kind) => {
    const { pool, signals, answer, ...asks } = await running({ drainMs: 60_000 })
    const replying = asks[kind]()
    await vi.waitFor(() => expect(signals.length).toBe(1))
    let isClosed = false
    const closed = pool.close().then(() => {
      isClosed = true
    })
    if (kind === 'many') await replying // begun, for one key was refused at once
    await new Promise((resolve) => setImmediate(resolve))
    expect(isClosed).toBe(false)
    answer('630')
    expect(await (await replying).text()).toContain('630')
    await closed
  })

  it('gives up what takes too long', async () => {
    const { pool, signals, one } = await running({ drainMs: 10 })
    const replying = one()
    await vi.waitFor(() => expect(signals.length).toBe(1))
    await pool.close()
    expect(signals[0]?.aborted).toBe(true)
    expect((await replying).status).toBe(500)
  })
})

describe('fetch', () => {
  const options = { name: 'scores', maxBytes: 2 ** 20, codec: text() }

  it('refuses a body that is too long', async () => {
    await using pool = new HTTPPool('http://127.0.0.1:1', { limits: { maxValueBytes: 1000 } })
    pool.register(new Group<string>({ ...options, getter: (key) => key }))
    const headers = { 'content-type': 'application/octet-stream' }
    const put = async (length: number) => {
      const request = { method: 'PUT', headers, body: 'x'.repeat(length) }
      const { status } = await pool.fetch(new Request('http://x/_geecache/scores/Tom', request))
      return status
    }
    expect([await put(1000), await put(1001), await put(1_000_000)]).toEqual([204, 413, 413])
  })

  it('tells the group when the rest of an answer is not wanted any more', async () => {
    await using pool = new HTTPPool('http://127.0.0.1:1')
    let signal: AbortSignal | undefined
    const getter = (key: string, context: { signal: AbortSignal }) => {
      if (key === 'fast') return 'x'
      signal = context.signal
      return new Promise<string>(() => {})
    }
    pool.register(new Group<string>({ ...options, getter }))
    const headers = { 'content-type': 'application/vnd.geecache.ask+json' }
    const request = { method: 'POST', headers, body: '["fast","slow"]' }
    const answer = await pool.fetch(new Request('http://x/_geecache/scores', request))
    const reader = answer.body?.getReader()
    await reader?.read()
    await reader?.cancel()
    await vi.waitFor(() => expect(signal?.aborted).toBe(true))
  })
})

it('fetch answers 404 for a path that is not the pool’s', async () => {
  await using pool = new HTTPPool('http://127.0.0.1:1')
  for (const path of ['/', '/api', '/_geecache', '/x/_geecache/scores/Tom']) {
    const { status, headers } = await pool.fetch(new Request(`http://127.0.0.1${path}`))
    expect([status, headers.get('geecache-code')]).toEqual([404, 'path-unknown'])
  }
  // Nor for one that only says so elsewhere.
  const headers = { 'geecache-path': '/etc/passwd' }
  const answer = await pool.fetch(new Request('http://127.0.0.1/_geecache/', { headers }))
  expect(answer.status).toBe(204)
})
