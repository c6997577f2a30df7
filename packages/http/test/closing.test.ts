import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { PeerGetter } from '@geecache/core'
import { request } from 'undici'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { newPoolCounters } from '../src/stats.ts'
import { newClient } from './client.ts'
import { rawClient } from './raw-client.ts'
import { localPeer, newServer, type TestServer } from './server.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(() => Promise.all(closers.splice(0).map((close) => close())))

async function serving(get: PeerGetter['get']) {
  const server = newServer()
  server.peers.add('scores', localPeer(get))
  const { port } = await server.node.listen('127.0.0.1', 0)
  closers.push(() => server.node.close(0))
  return { server, url: `http://127.0.0.1:${port}` }
}

function close({ peers, node }: TestServer, drainMs = 60_000): Promise<void> {
  peers.leave()
  return node.close(drainMs)
}

function held() {
  const answers: ((text: string) => void)[] = []
  const get: PeerGetter['get'] = () =>
    new Promise((resolve) => answers.push((text) => resolve({ bytes: Buffer.from(text) })))
  return { answers, get }
}

const ask = 'GET /_geecache/scores/Tom HTTP/1.1\r\nhost: x\r\n\r\n'

describe('a server that is closed', () => {
  it('lets a large answer reach a slow reader to its last byte', async () => {
    const size = 50 * 2 ** 20
    const { server, url } = await serving(async () => ({ bytes: Buffer.alloc(size, 'x') }))
    // A plain socket: the client of undici 7 may lose the end of what it is slow to read, on Node.js 26.
    const reader = connect(Number(new URL(url).port), '127.0.0.1')
    reader.write(ask)
    await once(reader, 'readable')
    let isClosed = false
    const closed = close(server).then(() => {
      isClosed = true
    })
    let length = 0
    let sawItOpen = false
    for await (const chunk of reader) {
      if (length === 0) length -= (chunk as Buffer).indexOf('\r\n\r\n') + 4
      length += (chunk as Buffer).length
      if (length < size / 2 && !isClosed) sawItOpen = true
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(length).toBe(size)
    expect(sawItOpen).toBe(true)
    await closed
  })

  it('lets the rest of a batch follow', async () => {
    const { answers, get } = held()
    const { server, url } = await serving(get)
    const client = newClient(url, { timeoutMs: 60_000 })
    closers.push(() => client.destroy())
    const [a, b] = ['a', 'b'].map((key) => client.get('scores', key))
    await vi.waitFor(() => expect(answers.length).toBe(2))
    answers[0]?.('first')
    await a
    const closed = close(server)
    answers[1]?.('second')
    expect(Buffer.from((await b)?.bytes as Uint8Array).toString()).toBe('second')
    await closed
  })

  it('tells whoever asks on a connection that was kept that it is leaving', async () => {
    const { answers, get } = held()
    const { server, url } = await serving(get)
    await using kept = await rawClient(url)
    await using busy = await rawClient(url)
    kept.send('GET /_geecache/ HTTP/1.1\r\nhost: x\r\n\r\n')
    await kept.until('204')
    busy.send(ask)
    await vi.waitFor(() => expect(answers.length).toBe(1))
    const closed = close(server)
    kept.send(ask)
    const said = await kept.closed()
    expect(said).toMatch(/HTTP\/1\.1 503 [\s\S]*geecache-code: closed\r\nconnection: close/i)
    answers[0]?.('630')
    expect(await busy.closed()).toContain('630')
    await closed
  })

  it('is not held up by requests behind one another whose connection is gone', async () => {
    const { answers, get } = held()
    const { server, url } = await serving(get)
    await using raw = await rawClient(url)
    raw.send(ask + ask + ask)
    await vi.waitFor(() => expect(answers.length).toBe(3))
    raw.socket.resetAndDestroy()
    await close(server)
  })

  it('aborts what runs for a connection that is gone, behind another or not', async () => {
    const signals: (AbortSignal | undefined)[] = []
    const { url } = await serving((_group, _key, options) => {
      signals.push(options?.signal)
      return new Promise(() => {})
    })
    await using raw = await rawClient(url)
    raw.send(ask + ask)
    await vi.waitFor(() => expect(signals.length).toBe(2))
    raw.socket.resetAndDestroy()
    await vi.waitFor(() => expect(signals.map((signal) => signal?.aborted)).toEqual([true, true]))
  })

  it('closes connections that nobody uses, at once', async () => {
    const { server, url } = await serving(async () => ({ bytes: Buffer.from('630') }))
    await using kept = await rawClient(url)
    kept.send(ask)
    await kept.until('630')
    await using fresh = await rawClient(url)
    await close(server)
    await Promise.all([kept.closed(), fresh.closed()])
  })

  it('may be closed before it listens, twice, or in between', async () => {
    const never = newServer()
    await close(never)
    await close(never)
    await expect(never.node.listen('127.0.0.1', 0)).rejects.toMatchObject({
      code: 'invalid-option',
      message: 'this pool is closed',
    })
    const hasty = newServer()
    const listening = hasty.node.listen('127.0.0.1', 0)
    const closed = close(hasty)
    await expect(listening).rejects.toMatchObject({ code: 'closed' })
    await closed
  })

  it('leaves its port to others, also when it was closed before it had it', async () => {
    const probe = newServer()
    const { port } = await probe.node.listen('127.0.0.1', 0)
    await close(probe)
    const hasty = newServer()
    const listening = hasty.node.listen('127.0.0.1', port)
    const closed = close(hasty)
    await listening.catch(() => {})
    await closed
    const next = newServer()
    await next.node.listen('127.0.0.1', port)
    await close(next)
  })

  it('is gone for a client, which does not take it for an error of its own', async () => {
    const { answers, get } = held()
    const { server, url } = await serving(get)
    const counters = newPoolCounters()
    const client = newClient(url, { timeoutMs: 60_000 }, counters)
    closers.push(() => client.destroy())
    const running = client.get('scores', 'Tom')
    await vi.waitFor(() => expect(answers.length).toBe(1))
    // Still reachable, as in an application that goes on.
    server.peers.leave()
    await expect(client.get('scores', 'Sam')).rejects.toMatchObject({
      code: 'peer-failed',
      message: expect.stringContaining('503 closed'),
    })
    expect(client.isOut).toBe(true)
    expect(counters.failures).toBe(0)
    answers[0]?.('630')
    await running
  })
})

describe('a handler in a server of the application', () => {
  async function mounted(application: Parameters<typeof createServer>[1], options = {}) {
    const outer = createServer(options, application)
    outer.listen(0, '127.0.0.1')
    await once(outer, 'listening')
    closers.push(async () => {
      outer.close()
      outer.closeAllConnections()
    })
    return `http://127.0.0.1:${(outer.address() as AddressInfo).port}`
  }

  it('gives up a request that the application has begun to answer, and counts it no more', async () => {
    const server = newServer()
    server.peers.add(
      'scores',
      localPeer(async () => ({ bytes: Buffer.from('630') })),
    )
    const url = await mounted((req, res) => {
      res.write('too soon')
      server.node.handle(req, res, undefined)
    })
    await using raw = await rawClient(url)
    raw.send(ask)
    expect(await raw.closed()).not.toContain('630')
    await close(server)
  })

  it('finds the path that was sent where a framework has cut it', async () => {
    const server = newServer()
    server.peers.add(
      'scores',
      localPeer(async (_, key) => ({ bytes: Buffer.from(key) })),
    )
    const url = await mounted((req, res) => {
      Object.assign(req, { originalUrl: req.url, url: '/' })
      server.node.handle(req, res, () => res.end('application'))
    })
    expect(await (await request(`${url}/_geecache/scores/a%2Fb`)).body.text()).toBe('a/b')
    expect(await (await request(`${url}/elsewhere`)).body.text()).toBe('application')
  })
})
