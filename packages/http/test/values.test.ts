import type { PeerGetter } from '@geecache/core'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { HTTPPoolOptions } from '../src/options.ts'
import { newPoolCounters } from '../src/stats.ts'
import { newClient } from './client.ts'
import { localPeer, newServer } from './server.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(() => Promise.all(closers.splice(0).map((close) => close())))

async function pair(get: PeerGetter['get'], options: HTTPPoolOptions = {}) {
  const server = newServer(options)
  server.peers.add('scores', localPeer(get))
  server.peers.add('ä/.. +', localPeer(get))
  const { port } = await server.node.listen('127.0.0.1', 0)
  const counters = newPoolCounters()
  const client = newClient(`http://127.0.0.1:${port}`, { timeoutMs: 60_000, ...options }, counters)
  closers.push(async () => {
    await client.destroy()
    await server.node.close(0)
  })
  const text = async (group: string, key: string) =>
    Buffer.from((await client.get(group, key)).bytes).toString()
  return { client, counters, text }
}

const echo: PeerGetter['get'] = async (group, key) => ({ bytes: Buffer.from(`${group}\0${key}`) })
const key = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom('.', '/', '%', '+', ' ', '2', 'e', '\\', '?', '#', '\u0308', '\0', '\n'),
  }),
)

describe('a key between two peers', () => {
  it.each(['geecache', 'groupcache', 'mailgun'] as const)(
    'arrives as it was, byte for byte, alone or among others: %s (B1)',
    async (dialect) => {
      const { text } = await pair(echo, { dialect })
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom('scores', 'ä/.. +'),
          fc.array(key, { minLength: 1, maxLength: 20 }),
          async (group, keys) => {
            expect(await text(group, keys[0] as string)).toBe(`${group}\0${keys[0]}`)
            const texts = await Promise.all(keys.map((one) => text(group, one)))
            expect(texts).toEqual(keys.map((one) => `${group}\0${one}`))
          },
        ),
        { numRuns: 100 },
      )
    },
  )
})

describe('large values', () => {
  const sized =
    (bytes: number): PeerGetter['get'] =>
    async (_, name) => ({ bytes: Buffer.alloc(bytes, name), ttlMs: 1000, qps: 1 })

  it.each([
    ['100 kB', 100_000, 300],
    ['5 MB', 5_000_000, 12],
  ])('of %s arrive whole, in batches that become as small as they are large', async (_, bytes, count) => {
    const { client, counters } = await pair(sized(bytes))
    for (let wave = 0; wave < 2; wave++) {
      const names = Array.from({ length: count }, (_, i) => `${wave}-${i};`)
      const values = await Promise.all(names.map((name) => client.get('scores', name)))
      for (const [i, value] of values.entries()) {
        expect(Buffer.compare(Buffer.from(value.bytes), Buffer.alloc(bytes, names[i]))).toBe(0)
        expect(value.qps).toBe(1)
      }
      if (wave === 0) counters.batches = counters.batchedGets = 0
    }
    // Two megabytes at a time, once it is known how large they are.
    const perBatch = counters.batches === 0 ? 1 : counters.batchedGets / counters.batches
    expect(perBatch * bytes).toBeLessThanOrEqual(Math.max(bytes, 2.5 * 2 ** 20))
  })
})
