import { Group, NotFoundError, text } from '@geecache/core'
import { HTTPPool } from '@geecache/http'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

/**
 * The flow of one get as the tutorial draws it, arrow by arrow, over two real peers on the loopback interface:
 *
 *   key arrives -> cached here? -yes-> return 1
 *                    `-no-> from another node? -yes-> choose by consistent hashing -> is it remote? -yes-> HTTP client
 *                             |                                                        `-no-> here       |
 *                             |                                                                  return 2 <-yes- success?
 *                             `-no-> call the getter -> add to the cache -> return 3               here <-no-'
 */
class Node {
  readonly pool: HTTPPool
  readonly getter = vi.fn((key: string) => this.load(key))
  readonly group: Group<string>
  load: (key: string) => string = (key) => `${key} loaded by ${this.pool.self}`

  constructor(url: string) {
    this.pool = new HTTPPool(url, { timeoutMs: 60_000 })
    this.group = new Group({ name: 'scores', maxBytes: 2 ** 20, codec: text(), getter: this.getter })
    this.pool.register(this.group)
  }

  async close(): Promise<void> {
    await this.pool.close()
    await this.group.close()
  }
}

let here: Node
let there: Node
/** A key this node owns, and one that the other node owns. */
let ours: string
let theirs: string

beforeEach(async () => {
  const [first, second] = await Promise.all([freeUrl(), freeUrl()])
  here = new Node(first)
  there = new Node(second)
  for (const node of [here, there]) {
    node.pool.set(first, second)
    await node.pool.listen()
  }
  const keys = Array.from({ length: 100 }, (_, i) => `key-${i}`)
  ours = keys.find((key) => here.pool.pickPeer(key) === undefined) as string
  theirs = keys.find((key) => here.pool.pickPeer(key) !== undefined) as string
})

afterEach(() => Promise.all([here.close(), there.close()]))

async function freeUrl(): Promise<string> {
  const probe = new HTTPPool('http://127.0.0.1:0')
  const { port } = await probe.listen()
  await probe.close()
  return `http://127.0.0.1:${port}`
}

describe('the flow of the seed', () => {
  it('key arrives -> cached here?: memory is asked first, and nobody else if it knows', async () => {
    await here.group.get(ours)
    const pick = vi.spyOn(here.pool, 'pickPeer')
    await here.group.get(ours)
    expect(pick).not.toHaveBeenCalled()
  })

  it('cached here? -yes-> return the cached value (1)', async () => {
    const first = await here.group.get(ours)
    expect(await here.group.get(ours)).toBe(first)
    expect(here.getter).toHaveBeenCalledTimes(1)
    expect(here.group.stats.cacheHits).toBe(1)
  })

  it('cached here? -no-> should it come from another node?: a miss asks the picker', async () => {
    const pick = vi.spyOn(here.pool, 'pickPeer')
    await here.group.get(ours)
    expect(pick).toHaveBeenCalledWith(ours)
  })

  it('should it come from another node? -yes-> choose the node by consistent hashing', async () => {
    const peer = here.pool.pickPeer(theirs)
    expect([...here.pool.peers()]).toEqual([peer])
    expect(there.pool.pickPeer(theirs)).toBeUndefined()
  })

  it('choose the node -> is that node remote? -yes-> the HTTP client asks the remote node', async () => {
    await here.group.get(theirs)
    expect(there.group.stats).toMatchObject({ serverRequests: 1, gets: 0 })
    expect(there.getter.mock.calls[0]?.[0]).toBe(theirs)
  })

  it('is that node remote? -no-> handle it here: the ring names this process itself', async () => {
    await here.group.get(ours)
    expect(here.getter).toHaveBeenCalledTimes(1)
    expect(there.group.stats.serverRequests).toBe(0)
  })

  it('the HTTP client asks -> success? -yes-> return the value (2)', async () => {
    expect(await here.group.get(theirs)).toBe(`${theirs} loaded by ${there.pool.self}`)
    expect(here.getter).not.toHaveBeenCalled()
    expect(here.group.stats).toMatchObject({ peerLoads: 1, localLoads: 0 })
  })

  it('success? -no-> fall back to handling it here', async () => {
    await there.close()
    expect(await here.group.get(theirs)).toBe(`${theirs} loaded by ${here.pool.self}`)
    expect(here.group.stats).toMatchObject({ peerErrors: 1, localLoads: 1 })
  })

  it('handle it here -> call the getter: a fallback loads as any miss does', async () => {
    await there.close()
    await here.group.get(theirs)
    expect(here.getter).toHaveBeenCalledWith(
      theirs,
      expect.objectContaining({ signal: expect.any(AbortSignal) }),
    )
  })

  it('should it come from another node? -no-> call the getter: without peers every key is handled here', async () => {
    const alone = new Group({
      name: 'alone',
      maxBytes: 2 ** 20,
      codec: text(),
      getter: (key) => `${key} loaded`,
    })
    expect(await alone.get(theirs)).toBe(`${theirs} loaded`)
  })

  it('call the getter -> add to the cache', async () => {
    expect(here.group.peek(ours)).toBeUndefined()
    await here.group.get(ours)
    expect(here.group.peek(ours)).toBe(`${ours} loaded by ${here.pool.self}`)
    expect(here.group.cacheStats('main').items).toBe(1)
  })

  it('add to the cache -> return the value (3)', async () => {
    expect(await here.group.get(ours)).toBe(`${ours} loaded by ${here.pool.self}`)
  })

  it('the getter has no value -> the caller gets that error, from another node as well, and nothing is cached', async () => {
    here.load = there.load = (key) => {
      throw new NotFoundError(`${key} not exist`)
    }
    for (const key of [ours, theirs]) {
      await expect(here.group.get(key)).rejects.toMatchObject({
        code: 'not-found',
        message: `${key} not exist`,
      })
      expect(here.group.peek(key)).toBeUndefined()
    }
    expect([here.getter.mock.calls.length, there.getter.mock.calls.length]).toEqual([1, 1])
  })
})
