import dns from 'node:dns'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { newPoolCounters } from '../src/stats.ts'
import { valueResponse } from './answers.ts'
import { newClient } from './client.ts'
import { rawPeer } from './raw-peer.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(() => Promise.all(closers.splice(0).map((close) => close())))

function clientOf(url: string) {
  const counters = newPoolCounters()
  const client = newClient(url, { timeoutMs: 60_000 }, counters)
  closers.push(() => client.destroy())
  return { client, counters }
}

type Found = { readonly code: string } | { readonly address: string }

/** Has every name found as `look` says. */
function lookUpAs(look: () => Found) {
  const lookup = (_name: string, options: { all?: boolean }, done: (...found: unknown[]) => void) => {
    const found = look()
    if ('code' in found) done(Object.assign(new Error(`getaddrinfo ${found.code}`), found))
    else if (options.all) done(null, [{ address: found.address, family: 4 }])
    else done(null, found.address, 4)
  }
  return vi.spyOn(dns, 'lookup').mockImplementation(lookup as never)
}

describe('a peer that cannot be reached (A14)', () => {
  it.each([
    ['a name that nobody knows', 'http://cache-1.example:8001', { code: 'ENOTFOUND' }, 'ENOTFOUND'],
    ['a name server that fails', 'http://cache-1.example:8001', { code: 'EAI_AGAIN' }, 'EAI_AGAIN'],
    [
      'a network that is not there',
      'http://cache-1.example:8001',
      { address: '255.255.255.255' },
      'connect E',
    ],
    ['a port where nobody listens', 'http://127.0.0.1:1', undefined, 'connect ECONNREFUSED'],
    ['a port where nobody listens, over IPv6', 'http://[::1]:1', undefined, 'connect E'],
  ])('is known at once, says why, and is left alone after two calls: %s', async (_, url, found, reason) => {
    if (found !== undefined) lookUpAs(() => found)
    const { client, counters } = clientOf(url)
    for (let i = 0; i < 2; i++) {
      await expect(client.get('scores', 'Tom')).rejects.toMatchObject({
        code: 'peer-failed',
        message: expect.stringContaining(`peer ${url} could not be asked: `),
        cause: expect.objectContaining({ message: expect.stringContaining(reason) }),
      })
    }
    expect(counters).toMatchObject({ failures: 2, timeouts: 0 })
    expect(client.isOut).toBe(true)
  })

  it('has its deadline also while its name is looked up', async () => {
    vi.spyOn(dns, 'lookup').mockImplementation((() => {}) as never)
    const client = newClient('http://cache-1.example:8001', { timeoutMs: 20 })
    await expect(client.get('scores', 'Tom')).rejects.toMatchObject({ code: 'peer-timeout' })
    void client.destroy()
  })

  it('is found again where its name points then', async () => {
    const before = await rawPeer((socket) => socket.write(valueResponse('Tom', '630')))
    const { port } = new URL(before.url)
    const there = { host: '127.0.0.2', port: Number(port) }
    await using _after = await rawPeer((socket) => socket.write(valueResponse('Tom', '631')), there)
    let address = '127.0.0.1'
    const look = lookUpAs(() => ({ address }))
    const { client } = clientOf(`http://cache-1.example:${port}`)
    const text = async () => Buffer.from((await client.get('scores', 'Tom')).bytes).toString()
    expect(await text()).toBe('630')
    await before[Symbol.asyncDispose]()
    address = there.host
    expect(await text()).toBe('631')
    expect(look).toHaveBeenCalledTimes(2)
  })
})
