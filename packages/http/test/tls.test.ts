import { Server } from 'node:net'
import { Group, text } from '@geecache/core'
import { buildConnector, Client, request } from 'undici'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { HTTPPool } from '../src/http-pool.ts'
import type { HTTPPoolOptions, TLSOptions } from '../src/options.ts'
import { type Authority, newAuthority } from './certificates.ts'
import { newClient } from './client.ts'
import { rawClient } from './raw-client.ts'

let ours: Authority
let foreign: Authority
beforeAll(async () => {
  ours = await newAuthority()
  // Of the same name, with another key.
  foreign = await newAuthority()
})

const closers: (() => Promise<unknown>)[] = []
afterEach(() => Promise.all(closers.splice(0).map((close) => close())))

const local = ['127.0.0.1', 'localhost']

/** A peer on a port of its own, which has a value for every key. */
async function serving(tls: TLSOptions, options: HTTPPoolOptions = {}, url = 'https://127.0.0.1:0') {
  const pool = new HTTPPool(url, { tls, timeoutMs: 60_000, ...options })
  closers.push(() => pool.close())
  const getter = (key: string) => `${key} of the server`
  pool.register(new Group<string>({ name: 'scores', maxBytes: 2 ** 20, codec: text(), getter }))
  const { port } = await pool.listen()
  return { pool, port, url: `https://127.0.0.1:${port}` }
}

function clientOf(url: string, tls: TLSOptions | undefined, options: HTTPPoolOptions = {}) {
  const client = newClient(url, { timeoutMs: 60_000, ...options, ...(tls && { tls }) })
  closers.push(() => client.destroy())
  return client
}

async function answer(url: string, tls: TLSOptions): Promise<string> {
  const { bytes } = await clientOf(url, tls).get('scores', 'Tom')
  return Buffer.from(bytes).toString()
}

describe('peers with certificates', () => {
  it('own, ask and tell as others do', async () => {
    const probes = await Promise.all([
      serving(await ours.issue(...local)),
      serving(await ours.issue(...local)),
    ])
    await Promise.all(probes.map(({ pool }) => pool.close()))
    const urls = probes.map(({ url }) => url)
    const peers = await Promise.all(
      urls.map(async (url) => {
        const pool = new HTTPPool(url, { tls: await ours.issue(...local), timeoutMs: 60_000 })
        const getter = (key: string) => `${key} of ${url}`
        const group = new Group<string>({ name: 'scores', maxBytes: 2 ** 20, codec: text(), getter })
        pool.register(group).set(...urls)
        await pool.listen()
        closers.push(() => pool.close())
        return { pool, group }
      }),
    )
    const keys = Array.from({ length: 100 }, (_, i) => `key-${i}`)
    const answers = await Promise.all(
      peers.map(async ({ group }) => (await group.getMany(keys)).map(settled)),
    )
    expect(answers[0]).toEqual(answers[1])
    for (const url of urls) expect(answers[0]?.some((value) => value?.endsWith(url))).toBe(true)
    await peers[0]?.group.removeMany(keys)
    expect(peers.map(({ group }) => keys.filter((key) => group.peek(key) !== undefined))).toEqual([[], []])
  })

  it('let nobody in without one, or with one that another authority signed', async () => {
    const { url, pool } = await serving(await ours.issue(...local))
    expect(await answer(url, await ours.issue(...local))).toBe('Tom of the server')
    const stranger = { ...(await foreign.issue(...local)), ca: ours.cert }
    await expect(answer(url, stranger)).rejects.toMatchObject({ code: 'peer-failed' })
    const naked = new Client(url, { connect: buildConnector({ ca: ours.cert }) })
    closers.push(() => naked.destroy())
    await expect(request(`${url}/_geecache/`, { dispatcher: naked })).rejects.toThrow()
    expect(pool.stats.served).toBe(1)
  })

  it('ask nobody whose certificate another authority signed', async () => {
    const { url, pool } = await serving(await foreign.issue(...local))
    await expect(answer(url, await ours.issue(...local))).rejects.toMatchObject({
      code: 'peer-failed',
      message: expect.stringContaining('could not be asked'),
    })
    expect(pool.stats.served).toBe(0)
  })

  it('ask nobody whose certificate is for another host (A14)', async () => {
    const { url, pool, port } = await serving(await ours.issue('cache-1.example', 'localhost'))
    await expect(answer(url, await ours.issue(...local))).rejects.toMatchObject({
      code: 'peer-failed',
      message: expect.stringContaining("does not match certificate's altnames"),
    })
    expect(pool.stats.served).toBe(0)
    expect(await answer(`https://localhost:${port}`, await ours.issue(...local))).toBe('Tom of the server')
  })

  it('need a secret as well where there is one', async () => {
    const secret = 'a-secret-of-sixteen'
    const tls = await ours.issue(...local)
    const { url } = await serving(tls, { secret })
    await expect(answer(url, tls)).rejects.toMatchObject({ message: expect.stringContaining('401') })
    const { bytes } = await clientOf(url, tls, { secret }).get('scores', 'Tom')
    expect(Buffer.from(bytes).toString()).toBe('Tom of the server')
  })

  it('may be open to other machines', async () => {
    const { port } = await serving(await ours.issue(...local), {}, 'https://0.0.0.0:0')
    expect(port).toBeGreaterThan(0)
  })

  it('serve at the port of https where their URL names none', async () => {
    const pool = new HTTPPool('https://127.0.0.1', { tls: await ours.issue(...local) })
    closers.push(() => pool.close())
    const listen = vi.spyOn(Server.prototype, 'listen').mockImplementation(() => {
      throw new Error('enough')
    })
    await expect(pool.listen()).rejects.toThrow('enough')
    expect(listen).toHaveBeenCalledWith(443, '127.0.0.1')
  })

  it('have https in their URLs, all of them', async () => {
    const tls = await ours.issue(...local)
    expect(() => new HTTPPool('http://127.0.0.1:8001', { tls })).toThrow('peers with certificates need https')
    const pool = new HTTPPool('https://127.0.0.1:8001', { tls })
    closers.push(() => pool.close())
    expect(() => pool.set('https://127.0.0.1:8001', 'http://127.0.0.1:8002')).toThrow(
      'peers with certificates need https',
    )
    expect(() => new HTTPPool('https://127.0.0.1:8001')).toThrow('https needs the option tls')
  })

  it('do not wait long for somebody who never says hello (B12)', async () => {
    const { port } = await serving(await ours.issue(...local), { limits: { headersTimeoutMs: 100 } })
    await using silent = await rawClient(`http://127.0.0.1:${port}`)
    // By default node waits for two minutes.
    expect(await silent.closed()).toBe('')
  })

  it('do not understand plain HTTP', async () => {
    const { port } = await serving(await ours.issue(...local))
    await expect(clientOf(`http://127.0.0.1:${port}`, undefined).get('scores', 'Tom')).rejects.toMatchObject({
      code: 'peer-failed',
    })
  })
})

function settled(result: PromiseSettledResult<string>): string | undefined {
  return result.status === 'fulfilled' ? result.value : undefined
}
