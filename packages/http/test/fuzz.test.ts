import { isGeeCacheError } from '@geecache/core'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { framesResponse, noFrame, valueFrame, valueResponse } from './answers.ts'
import { newClient } from './client.ts'
import { rawClient } from './raw-client.ts'
import { rawPeer } from './raw-peer.ts'
import { localPeer, newServer } from './server.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(() => Promise.all(closers.splice(0).map((close) => close())))

/** A place, as a part of the whole, and what happens there to some bytes. */
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  removed: fc.nat(3),
  added: fc.uint8Array({ maxLength: 3 }),
})
const changes = fc.array(change, { minLength: 1, maxLength: 4 })

type Change = { readonly at: number; readonly removed: number; readonly added: Uint8Array }

function changed(whole: Buffer, all: readonly Change[]): Buffer {
  return all.reduce((data, { at, removed, added }) => {
    const place = Math.floor(at * data.length)
    return Buffer.concat([data.subarray(0, place), added, data.subarray(place + removed)])
  }, whole)
}

function requestOf(line: string, type = '', body = ''): Buffer {
  const length = body === '' ? '' : `content-type: ${type}\r\ncontent-length: ${body.length}\r\n`
  return Buffer.from(`${line} HTTP/1.1\r\nhost: x\r\ngeecache-timeout-ms: 1000\r\n${length}\r\n${body}`)
}

describe('a server', () => {
  it('bears any bytes, and requests of which some bytes were changed, and holds on to none (A6, B11)', async () => {
    // None that it would forget to count down may remain.
    const server = newServer({ limits: { maxRequests: 1, headersTimeoutMs: 500, requestTimeoutMs: 500 } })
    server.peers.add(
      'scores',
      localPeer(async () => ({ bytes: Buffer.from('630') })),
    )
    const { port } = await server.node.listen('127.0.0.1', 0)
    closers.push(() => server.node.close(0))
    const url = `http://127.0.0.1:${port}`
    const whole = fc.constantFrom(
      requestOf('GET /_geecache/scores/Tom'),
      requestOf('PUT /_geecache/scores/Tom', 'application/octet-stream', '631'),
      requestOf('POST /_geecache/scores', 'application/vnd.geecache.ask+json', '["a","b"]'),
      requestOf('POST /_geecache/scores', 'application/vnd.geecache.drop+json', '{"round":1,"keys":"all"}'),
    )
    const anything = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))
    const data = fc.oneof(
      { weight: 4, arbitrary: fc.tuple(whole, changes).map(([one, all]) => changed(one, all)) },
      anything,
    )
    await fc.assert(
      fc.asyncProperty(data, async (bytes) => {
        await using raw = await rawClient(url)
        raw.socket.end(bytes)
        await raw.closed()
      }),
      { numRuns: 300 },
    )
    await using proper = await rawClient(url)
    proper.socket.write(requestOf('GET /_geecache/scores/Tom'))
    expect(await proper.until('630')).toMatch(/^HTTP\/1\.1 200 /)
  })
})

describe('a client', () => {
  it('ends with a value or an error whatever comes back, and never later than its deadline (A6)', async () => {
    let answer: Buffer = Buffer.alloc(0)
    await using peer = await rawPeer((socket) => void socket.write(answer))
    const client = newClient(peer.url, { timeoutMs: 100, breaker: false })
    closers.push(() => client.destroy())
    const keys = ['a', 'b', 'c']
    const whole = fc.constantFrom(
      valueResponse('a', '630'),
      framesResponse(keys, valueFrame(2, 'x'.repeat(40)), noFrame(0, 'not-found'), valueFrame(1, '')),
    )
    await fc.assert(
      fc.asyncProperty(whole, changes, async (one, all) => {
        answer = changed(one, all)
        const asked = one.includes('vnd.geecache.frames') ? keys : ['a']
        const outcomes = await Promise.allSettled(asked.map((key) => client.get('scores', key)))
        for (const outcome of outcomes) {
          if (outcome.status === 'rejected' && !isGeeCacheError(outcome.reason)) throw outcome.reason
        }
      }),
      { numRuns: 300 },
    )
  })
})
