import { HashRing } from '@geecache/consistenthash'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { HTTPPool } from '../src/http-pool.ts'
import type { HTTPPoolOptions } from '../src/options.ts'
import { response, valueResponse } from './answers.ts'
import { ownerSeenBy, startPeers, type TestPeer } from './cluster.ts'
import { rawClient } from './raw-client.ts'
import { rawPeer } from './raw-peer.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(() => Promise.all(closers.splice(0).map((close) => close())))

const quick: HTTPPoolOptions = {
  breaker: { hardFailures: 2, softFailures: 1, minDelayMs: 20, maxDelayMs: 50 },
}

async function cluster(size: number): Promise<TestPeer[]> {
  const peers = await startPeers(size, quick)
  for (const peer of peers) closers.push(() => peer.stop())
  return peers
}

const keys = Array.from({ length: 300 }, (_, i) => `key-${i}`)

function isOut(peer: TestPeer, other: TestPeer): boolean {
  return peer.pool.stats.peers.find(({ url }) => url === other.url)?.isOut === true
}

describe('a peer that is gone', () => {
  it('costs no get, has its keys served by the next on the ring, and gets them back when it listens again (A1)', async () => {
    const [here, there, gone] = (await cluster(3)) as [TestPeer, TestPeer, TestPeer]
    const urls = [here, there, gone].map(({ url }) => url)
    const its = keys.filter((key) => ownerSeenBy(here, key) === gone.url)
    const next = new HashRing().add(...urls)
    const standIn = (key: string) => next.pick(key, (url) => url !== gone.url)
    expect(its.length).toBeGreaterThan(20)

    await gone.kill()
    for (const key of its.slice(0, 10)) {
      const value = await here.group.get(key)
      expect(value).toBe(`${key} of ${standIn(key)}`)
    }
    expect(isOut(here, gone)).toBe(true)
    for (const key of its) {
      expect(ownerSeenBy(here, key)).toBe(standIn(key))
      expect(here.pool.owns(key)).toBe(false)
    }
    // Keys of others stay where they are.
    for (const key of keys) if (!its.includes(key)) expect(ownerSeenBy(here, key)).toBe(next.get(key))
    const failures = here.pool.stats.failures
    await Promise.all(its.map((key) => here.group.get(key)))
    expect(gone.loads).toEqual([])

    await gone.revive()
    await vi.waitFor(() => expect(isOut(here, gone)).toBe(false), { timeout: 20_000 })
    for (const key of its) expect(ownerSeenBy(here, key)).toBe(gone.url)
    const fresh = Array.from({ length: 100 }, (_, i) => `fresh-${i}`)
    const one = fresh.find((key) => ownerSeenBy(here, key) === gone.url) as string
    expect(await here.group.get(one)).toBe(`${one} of ${gone.url}`)
    expect(here.pool.stats.failures).toBeGreaterThanOrEqual(failures)
  })

  it('is one of half of the peers at most that are left alone (A13)', async () => {
    const [here, ...others] = (await cluster(5)) as [TestPeer, ...TestPeer[]]
    await Promise.all(others.map((peer) => peer.kill()))
    for (let i = 0; i < 3; i++) {
      const values = await Promise.all(keys.map((key) => here.group.get(`${key}-${i}`)))
      expect(values.length).toBe(keys.length)
      expect(here.pool.stats.peers.filter((peer) => peer.isOut).length).toBe(2)
    }
  })

  it('that says it is leaving is left alone at once, without an error', async () => {
    const [here, there, leaving] = (await cluster(3)) as [TestPeer, TestPeer, TestPeer]
    const its = keys.filter((key) => ownerSeenBy(here, key) === leaving.url)
    await leaving.pool.close()
    const values = await Promise.all(its.map((key) => here.group.get(key)))
    for (const value of values) expect(value).not.toContain(leaving.url)
    expect(isOut(here, leaving)).toBe(true)
    expect(here.pool.stats).toMatchObject({ failures: 0, timeouts: 0 })
    expect(there.loads.length + here.loads.length).toBe(its.length)
  })
})

describe('a peer of which one group is closed', () => {
  it('is not leaving: it goes on serving the others', async () => {
    const [here, there] = (await cluster(2)) as [TestPeer, TestPeer]
    const its = keys.filter((key) => ownerSeenBy(here, key) === there.url)
    const [alone, ...together] = its.slice(0, 5) as [string, ...string[]]
    await there.group.close()
    expect(await here.group.get(alone)).toBe(`${alone} of ${here.url}`)
    await Promise.all(together.map((key) => here.group.get(key)))
    expect(here.loads).toEqual([alone, ...together])
    // Asked, each of them: nobody takes the peer for one that is gone.
    expect(there.pool.stats.served).toBe(2)
    expect(here.pool.stats).toMatchObject({ failures: 0, gets: 1, batchedGets: 4, peers: [{ isOut: false }] })
  })
})

describe('a peer that does not answer in time', () => {
  function poolWith(url: string, timeoutMs: number) {
    const pool = new HTTPPool('http://127.0.0.1:1', { ...quick, timeoutMs })
    closers.push(() => pool.close())
    pool.set('http://127.0.0.1:1', url)
    const [peer] = pool.peers()
    return { pool, get: () => (peer as NonNullable<typeof peer>).get('scores', 'Tom') }
  }

  /** Until one counts: none does while this process, on a machine that is busy, was away itself. */
  async function missDeadlines(pool: HTTPPool, get: () => Promise<unknown>): Promise<void> {
    while (!pool.stats.peers[0]?.isOut) await expect(get()).rejects.toMatchObject({ code: 'peer-timeout' })
  }

  it('is left alone (A2)', async () => {
    await using silent = await rawPeer(() => {})
    const { pool, get } = poolWith(silent.url, 100)
    await missDeadlines(pool, get)
    expect(pool.stats).toMatchObject({ failures: 0, peers: [{ url: silent.url, isOut: true }] })
  })

  it('is not to blame while this process was away itself (A12)', async () => {
    await using silent = await rawPeer(() => {})
    const { pool, get } = poolWith(silent.url, 150)
    for (let i = 0; i < 2; i++) {
      const answer = get()
      answer.catch(() => {})
      await silent.saw(i + 1)
      stall(400)
      await expect(answer).rejects.toMatchObject({ code: 'peer-timeout' })
      expect(pool.stats.peers).toEqual([{ url: silent.url, isOut: false }])
    }
    expect(pool.stats.timeouts).toBe(2)
  })

  it('is probed until it answers, with any status that a foreign server may have', async () => {
    let answers = false
    await using peer = await rawPeer((socket, line) => {
      if (answers && line === 'GET /_geecache/ HTTP/1.1')
        socket.write(response('404 Not Found\ncontent-length: 0'))
    })
    const { pool, get } = poolWith(peer.url, 100)
    await missDeadlines(pool, get)
    answers = true
    await vi.waitFor(() => expect(pool.stats.peers[0]?.isOut).toBe(false), { timeout: 20_000 })
  })

  it('is not probed any more when the pool is closed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      await using peer = await rawPeer(() => {})
      const { pool, get } = poolWith(peer.url, 50)
      const answer = get()
      answer.catch(() => {})
      await peer.saw(1)
      vi.advanceTimersByTime(50)
      await expect(answer).rejects.toMatchObject({ code: 'peer-timeout' })
      expect(pool.stats.peers[0]?.isOut).toBe(true)
      expect(vi.getTimerCount()).toBeGreaterThan(0)
      await pool.close()
      expect(vi.getTimerCount()).toBe(0)
      vi.advanceTimersByTime(60_000)
      // Had a probe set out, it would have arrived before this.
      await using later = await rawClient(peer.url)
      later.send('GET /later HTTP/1.1\r\n\r\n')
      await peer.saw(2)
      expect(peer.requests).toEqual(['GET /_geecache/scores/Tom HTTP/1.1', 'GET /later HTTP/1.1'])
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('a process that was away', () => {
  // A11
  it('loads nothing for who has hung up meanwhile, and answers who still waits', async () => {
    const [peer] = (await cluster(1)) as [TestPeer]
    const ask = (key: string) => `GET /_geecache/scores/${key} HTTP/1.1\r\nhost: x\r\n\r\n`
    await using patient = await rawClient(peer.url)
    await using impatient = await rawClient(peer.url)
    // Both connections are known, and the loop is watched.
    for (const client of [patient, impatient]) {
      client.send(ask('warm'))
      await client.until('warm of')
    }
    patient.send(ask('Tom'))
    impatient.send(ask('Jack'))
    impatient.socket.destroy()
    // All of that lies in the sockets of the server by now, which reads none of it before it is back.
    stall(300)
    expect(await patient.until('Tom of')).toContain('Tom of')
    await vi.waitFor(() => expect(peer.pool.stats.served).toBe(4))
    await peer.stop()
    expect(peer.loads).toEqual(['warm', 'Tom'])
  })
})

describe('a peer that answers', () => {
  it.each([
    ['a web page', '200 OK\ncontent-type: text/html\ncontent-length: 2', 'hi', true],
    ['500 without our code, as Go does for a key without a value', '500 Oh\ncontent-length: 2', 'no', false],
    [
      '404 without our code, as Go does for a group it has not',
      '404 Not Found\ncontent-length: 2',
      'no',
      false,
    ],
    ['302', '302 Found\nlocation: http://127.0.0.1:1/\ncontent-length: 0', '', false],
    ['502, as a proxy does', '502 Bad Gateway\ncontent-length: 0', '', true],
    ['503 busy', '503 No\ngeecache-protocol: 1\ngeecache-code: busy\ncontent-length: 0', '', true],
    [
      '504 peer-timeout',
      '504 No\ngeecache-protocol: 1\ngeecache-code: peer-timeout\ncontent-length: 0',
      '',
      true,
    ],
    ['404 not-found', '404 No\ngeecache-protocol: 1\ngeecache-code: not-found\ncontent-length: 0', '', false],
    [
      '500 load-failed',
      '500 No\ngeecache-protocol: 1\ngeecache-code: load-failed\ncontent-length: 0',
      '',
      false,
    ],
    [
      '503 overloaded',
      '503 No\ngeecache-protocol: 1\ngeecache-code: overloaded\ncontent-length: 0',
      '',
      false,
    ],
  ])('%s is left alone: %#', async (_, head, body, out) => {
    await using peer = await rawPeer((socket, line) => {
      if (line !== 'GET /_geecache/ HTTP/1.1') socket.write(response(head, body))
    })
    const pool = new HTTPPool('http://127.0.0.1:1', {
      timeoutMs: 60_000,
      breaker: { hardFailures: 1, softFailures: 1 },
    })
    closers.push(() => pool.close())
    pool.set('http://127.0.0.1:1', peer.url)
    const [client] = pool.peers()
    await expect(client?.get('scores', 'Tom')).rejects.toThrow()
    expect(pool.stats.peers[0]?.isOut).toBe(out)
  })

  it('with a redirect is not followed, and the secret goes nowhere else (A9)', async () => {
    await using decoy = await rawPeer((socket) => socket.write(valueResponse('Tom', 'stolen')))
    await using peer = await rawPeer((socket) => {
      socket.write(response(`302 Found\nlocation: ${decoy.url}/_geecache/scores/Tom\ncontent-length: 0`))
    })
    const pool = new HTTPPool('http://127.0.0.1:1', { timeoutMs: 60_000, secret: 'a-secret-of-sixteen' })
    closers.push(() => pool.close())
    pool.set('http://127.0.0.1:1', peer.url)
    const [client] = pool.peers()
    await expect(client?.get('scores', 'Tom')).rejects.toMatchObject({ code: 'peer-failed' })
    expect(decoy.accepted).toBe(0)
  })
})

/** Keeps the event loop from going round. */
function stall(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
