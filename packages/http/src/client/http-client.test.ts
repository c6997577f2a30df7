import { getEventListeners } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { newClient } from '../../test/client.ts'
import { type RawPeer, rawPeer } from '../../test/raw-peer.ts'
import type { HTTPPoolOptions } from '../options.ts'

const options: HTTPPoolOptions = { timeoutMs: 10_000, limits: { maxValueBytes: 1000 } }

async function ask(answer: (socket: Socket) => void, changed: HTTPPoolOptions = {}) {
  await using peer = await rawPeer(answer)
  const client = newClient(peer.url, { ...options, ...changed })
  try {
    return await client.get('scores', 'Tom')
  } finally {
    await client.close()
  }
}

function response(head: string, body = ''): (socket: Socket) => void {
  return (socket) => socket.write(`HTTP/1.1 ${head.replaceAll('\n', '\r\n')}\r\n\r\n${body}`)
}

const ok = '200 OK\ncontent-type: application/octet-stream'

describe('HTTPClient', () => {
  it('asks for a key by its escaped path, with GET', async () => {
    await using peer = await rawPeer(response(`${ok}\ncontent-length: 3`, '630'))
    const client = newClient(peer.url, options)
    expect(Buffer.from((await client.get('my scores', '../a+b')).bytes).toString()).toBe('630')
    expect(peer.requests).toEqual(['GET /_geecache/my%20scores/..%2Fa%2Bb HTTP/1.1'])
    await client.close()
  })

  it('reads a value of known length, a chunked one, and an empty one', async () => {
    const bytes = async (head: string, body: string) =>
      Buffer.from((await ask(response(head, body))).bytes).toString()
    expect(await bytes(`${ok}\ncontent-length: 3`, '630')).toBe('630')
    expect(await bytes(`${ok}\ntransfer-encoding: chunked`, '2\r\n63\r\n1\r\n0\r\n0\r\n\r\n')).toBe('630')
    expect(await bytes(`${ok}\ncontent-length: 0`, '')).toBe('')
  })

  it('reads the time left to live', async () => {
    const { ttlMs } = await ask(response(`${ok}\ncontent-length: 3\ngeecache-ttl-ms: 1500`, '630'))
    expect(ttlMs).toBe(1500)
  })

  it.each(['-1', 'NaN', 'Infinity', 'many', ''])('makes nothing of a rate of %j', async (rate) => {
    const value = await ask(response(`${ok}\ncontent-length: 3\ngeecache-qps: ${rate}`, '630'))
    expect(value.qps ?? 0).toBe(0)
  })

  it('reads the origin’s word with its code and message', async () => {
    const answer = response('404 Not Found\ngeecache-code: not-found\ncontent-length: 13', 'kkk not exist')
    await expect(ask(answer)).rejects.toMatchObject({ code: 'not-found', message: 'kkk not exist' })
  })

  it.each([
    ['a proxy’s 404', response('404 Not Found\ncontent-length: 0'), 'answered 404'],
    ['a proxy’s 503', response('503 Service Unavailable\ncontent-length: 4', 'busy'), 'answered 503 busy'],
    ['a redirect', response('302 Found\nlocation: http://127.0.0.1:1/\ncontent-length: 0'), 'answered 302'],
    [
      'a web page',
      response('200 OK\ncontent-type: text/html\ncontent-length: 6', '<html>'),
      'answered with text/html',
    ],
    [
      'compressed bytes',
      response(`${ok}\ncontent-encoding: gzip\ncontent-length: 3`, '630'),
      'in gzip encoding',
    ],
    [
      'a value without a length',
      (socket: Socket) => socket.end(`HTTP/1.1 ${ok.replace('\n', '\r\n')}\r\n\r\n630`),
      'without saying how long',
    ],
    [
      'a value that ends too soon',
      (socket: Socket) => socket.end(`HTTP/1.1 ${ok.replace('\n', '\r\n')}\r\ncontent-length: 9\r\n\r\n630`),
      'could not be asked',
    ],
    [
      'a chunked value that ends too soon',
      (socket: Socket) =>
        socket.end(`HTTP/1.1 ${ok.replace('\n', '\r\n')}\r\ntransfer-encoding: chunked\r\n\r\n3\r\n630`),
      'could not be asked',
    ],
    [
      'a value longer than allowed',
      response(`${ok}\ncontent-length: 1001`, 'x'.repeat(1001)),
      'more than 1000 bytes',
    ],
    [
      'an endless value',
      response(`${ok}\ntransfer-encoding: chunked`, `3e9\r\n${'x'.repeat(1001)}\r\n`),
      'more than 1000 bytes',
    ],
    [
      'an endless complaint',
      response('500 Oh\ntransfer-encoding: chunked', `2710\r\n${'x'.repeat(10_000)}\r\n`),
      'answered 500 xxx',
    ],
    [
      'a time to live that is none',
      response(`${ok}\ncontent-length: 3\ngeecache-ttl-ms: soon`, '630'),
      'answered with "soon" for a time to live',
    ],
    ['no HTTP', (socket: Socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'), 'could not be asked'],
    ['a hang-up', (socket: Socket) => socket.destroy(), 'could not be asked'],
  ])('takes %s for a failure of the peer (A4, A5, A7)', async (_, answer, complaint) => {
    await expect(ask(answer)).rejects.toMatchObject({
      code: 'peer-failed',
      message: expect.stringContaining(complaint),
    })
  })

  it('keeps status and code of an endless complaint', async () => {
    const head = '500 Oh\ngeecache-protocol: 1\ngeecache-code: load-failed\ntransfer-encoding: chunked'
    await expect(ask(response(head, `2710\r\n${'x'.repeat(10_000)}\r\n`))).rejects.toMatchObject({
      code: 'load-failed',
      message: 'x'.repeat(4000),
    })
  })

  it('tells a peer of a value, and of keys to drop, some at a time', async () => {
    const heads: string[] = []
    await using peer = await rawPeer((socket, _, { head }) => {
      heads.push(head)
      response('204 No Content\ngeecache-protocol: 1')(socket)
    })
    const client = newClient(peer.url, { ...options, limits: { maxBodyBytes: 18_000 } })
    await client.set('scores', 'Tom', { bytes: new Uint8Array(), ttlMs: 500 })
    await client.remove(
      'scores',
      Array.from({ length: 1001 }, () => 'x'),
      { round: 1 },
    )
    await client.clear('scores', { round: 2 })
    expect(peer.requests).toEqual([
      'GET /_geecache/ HTTP/1.1',
      'PUT /_geecache/scores/Tom HTTP/1.1',
      'POST /_geecache/scores HTTP/1.1',
      'POST /_geecache/scores HTTP/1.1',
      'POST /_geecache/scores HTTP/1.1',
    ])
    for (const head of heads) expect(head).toMatch(/\r\ngeecache-timeout-ms: \d+/)
    await client.close()
  })

  it('blames nobody for an answer to a change that is too long, and reads no more of it', async () => {
    await using peer = await rawPeer((socket, line) => {
      if (line.startsWith('GET')) response('204 No Content\ngeecache-protocol: 1')(socket)
      else response(`${ok}\ngeecache-protocol: 1\ncontent-length: 2000`, 'x'.repeat(1500))(socket)
    })
    const client = newClient(peer.url, { ...options, breaker: { hardFailures: 1 } })
    const change = client.set('scores', 'Tom', { bytes: new Uint8Array() })
    await expect(change).rejects.toMatchObject({
      code: 'peer-failed',
      message: expect.stringContaining('1000'),
    })
    expect(client.isOut).toBe(false)
    await client.close()
  })

  it('does not take a peer that answers as if it had been asked for told', async () => {
    await using peer = await rawPeer(response(`${ok}\ncontent-length: 3`, '630'))
    const client = newClient(peer.url, options)
    await expect(client.clear('scores', { round: 1 })).rejects.toMatchObject({ code: 'peer-failed' })
    await client.close()
  })

  it('says who refused the connection', async () => {
    const peer = await rawPeer(() => {})
    await peer[Symbol.asyncDispose]()
    const client = newClient(peer.url, options)
    await expect(client.get('scores', 'Tom')).rejects.toMatchObject({
      code: 'peer-failed',
      message: expect.stringMatching(`^peer ${peer.url} could not be asked: connect ECONNREFUSED`),
    })
    await client.close()
  })

  it.each([
    ['never answers', () => {}],
    ['stops in the middle of its value', response(`${ok}\ncontent-length: 3`, '6')],
    ['sends a byte now and then', (socket: Socket) => drip(socket)],
  ])('gives up on a peer that %s, and never uses the connection again (A2, A3)', async (_, answer) => {
    await using peer = await rawPeer(answer)
    const client = newClient(peer.url, { ...options, timeoutMs: 50 })
    await expect(client.get('scores', 'Tom')).rejects.toMatchObject({
      code: 'peer-timeout',
      message: `peer ${peer.url} did not answer within 50 ms`,
    })
    await allClosed(peer)
    await client.close()
  })

  it.each(['the deadline', 'the caller'])(
    'gives up on a change when it is time for %s, and never uses the connection again (A2)',
    async (who) => {
      const caller = new AbortController()
      await using peer = await rawPeer((socket, line) => {
        if (line.startsWith('GET')) response('204 No Content\ngeecache-protocol: 1')(socket)
        else if (who === 'the caller') caller.abort(new Error('left'))
      })
      const client = newClient(peer.url, { ...options, timeoutMs: who === 'the caller' ? 10_000 : 50 })
      const change = client.set('scores', 'Tom', { bytes: new Uint8Array(1) }, { signal: caller.signal })
      await expect(change).rejects.toThrow(who === 'the caller' ? 'left' : 'did not answer within 50 ms')
      await allClosed(peer)
      await client.close()
    },
  )

  it('leaves a peer alone that is late, unless it was only asked what it has in memory', async () => {
    await using peer = await rawPeer(() => {})
    const client = newClient(peer.url, {
      timeoutMs: 20,
      handover: { timeoutMs: 20 },
      breaker: { softFailures: 1 },
    })
    await expect(client.get('scores', 'Tom', { onlyIfCached: true })).rejects.toThrow()
    expect(client.isOut).toBe(false)
    await expect(client.get('scores', 'Tom')).rejects.toMatchObject({ code: 'peer-timeout' })
    expect(client.isOut).toBe(true)
    await client.destroy()
  })

  it('asks once what a peer is, however many want to know, and again if it could not say', async () => {
    let answers = false
    const absent = response('404 No\ngeecache-protocol: 1\ngeecache-code: not-cached\ncontent-length: 0')
    await using peer = await rawPeer((socket) => (answers ? absent(socket) : socket.destroy()))
    const client = newClient(peer.url, { ...options, handover: { timeoutMs: 10_000 } })
    const askForAll = () =>
      Promise.allSettled(['a', 'b', 'c'].map((key) => client.get('scores', key, { onlyIfCached: true })))
    expect(await askForAll()).toMatchObject(Array(3).fill({ reason: { code: 'peer-failed' } }))
    expect(peer.requests).toEqual(['GET /_geecache/ HTTP/1.1'])
    answers = true
    expect(await askForAll()).toMatchObject(Array(3).fill({ reason: { code: 'not-cached' } }))
    expect(peer.requests.filter((line) => line === 'GET /_geecache/ HTTP/1.1').length).toBe(2)
    expect(peer.requests.length).toBe(3)
    await client.close()
  })

  it('leaves nothing on a signal that outlives the call', async () => {
    await using peer = await rawPeer((socket, line) => {
      const answer = line.startsWith('GET /_geecache/scores') ? `${ok}\ncontent-length: 3` : '204 No Content'
      response(
        `${answer}\ngeecache-protocol: 1`,
        line.startsWith('GET /_geecache/scores') ? '630' : '',
      )(socket)
    })
    const client = newClient(peer.url, options)
    const { signal } = new AbortController()
    for (let i = 0; i < 3; i++) {
      await client.get('scores', 'Tom', { signal })
      await client.set('scores', 'Tom', { bytes: new Uint8Array() }, { signal })
      await client.get('scores', 'Tom', { signal, onlyIfCached: true })
    }
    expect(getEventListeners(signal, 'abort')).toEqual([])
    await client.close()
  })

  it('never sends what was given up while it waited for a connection', async () => {
    let answer: () => void = () => {}
    await using peer = await rawPeer((socket, line) => {
      const now = () => response(`${ok}\ncontent-length: 3`, '630')(socket)
      if (line.includes('first')) answer = now
      else now()
    })
    const client = newClient(peer.url, { ...options, batch: false, limits: { maxConnectionsPerPeer: 1 } })
    const caller = new AbortController()
    const first = client.get('scores', 'first')
    const second = client.get('scores', 'second', { signal: caller.signal })
    await peer.saw(1)
    caller.abort(new Error('left'))
    await expect(second).rejects.toThrow('left')
    const third = client.get('scores', 'third')
    answer()
    await Promise.all([first, third])
    expect(peer.requests.map((line) => line.split(/[/ ]/)[4])).toEqual(['first', 'third'])
    await client.close()
  })

  it('leaves at once when the caller does, with his reason', async () => {
    const caller = new AbortController()
    await using peer = await rawPeer(() => caller.abort(new Error('left')))
    const client = newClient(peer.url, options)
    await expect(client.get('scores', 'Tom', { signal: caller.signal })).rejects.toThrow('left')
    await allClosed(peer)
    await expect(client.get('scores', 'Tom', { signal: caller.signal })).rejects.toThrow('left')
    expect(peer.requests.length).toBe(1)
    await client.close()
  })
})

function drip(socket: Socket): void {
  response(`${ok}\ncontent-length: 1000`)(socket)
  const timer = setInterval(() => socket.write('x'), 10)
  socket.on('close', () => clearInterval(timer))
}

async function allClosed(peer: RawPeer): Promise<void> {
  await Promise.all([...peer.sockets].map((socket) => new Promise((resolve) => socket.on('close', resolve))))
}
