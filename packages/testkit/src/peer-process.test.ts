import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Origin } from './origin.ts'
import { PeerProcess } from './peer-process.ts'

let origin: Origin
let peer: PeerProcess

beforeEach(async () => {
  origin = await Origin.start()
  peer = await PeerProcess.start({ originUrl: origin.url })
})

afterEach(async () => {
  await peer[Symbol.asyncDispose]()
  await origin[Symbol.asyncDispose]()
})

/** Whether a process of that id is there. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('a peer process', () => {
  it('answers what it is told, and says when it can’t', async () => {
    expect(await peer.tell('get', 'Tom')).toMatchObject({ value: 'Tom, version 1, load 1.' })
    expect(await peer.tell('get', 'absent')).toMatchObject({ code: 'not-found' })
    await expect(peer.tell('setPeers', ['nonsense'])).rejects.toThrow('is not a URL')
  })

  it('rejects what it was told when it ends, and what it is told after that', async () => {
    peer.stop()
    const told = peer.tell('get', 'Tom').catch((error: Error) => error.message)
    await peer.kill()
    expect(await told).toContain('has ended (SIGKILL)')
    await expect(peer.tell('stats')).rejects.toThrow('has ended')
    expect(exists(peer.pid)).toBe(false)
  })

  it('can be stopped, and goes on', async () => {
    peer.stop()
    let answered = false
    const told = peer.tell('stats').finally(() => {
      answered = true
    })
    // Whatever time it takes others to answer.
    await (await fetch(`${origin.url}/?key=Tom&peer=me`)).text()
    expect(answered).toBe(false)
    peer.resume()
    expect(await told).toMatchObject({ gets: 0 })
  })

  it('can stall its event loop', async () => {
    await peer.stall(300)
    const began = performance.now()
    await peer.tell('stats')
    expect(performance.now() - began).toBeGreaterThan(200)
  })

  it('ends by itself once it has left and is let go', async () => {
    await peer.tell('get', 'Tom')
    await peer.tell('leave')
    // It may be gone before it has answered.
    await peer.tell('letGo').catch(() => {})
    await vi.waitFor(() => expect(peer.hasEnded).toBe(true), { timeout: 60_000 })
  })

  it('makes traffic, and says what became of it', async () => {
    await peer.tell('startTraffic', { perSecond: 500, prefix: 'key-', keys: 10, seed: 1 })
    while ((await peer.tell('stats')).gets < 50);
    const samples = await peer.tell('stopTraffic')
    expect(samples.length).toBeGreaterThanOrEqual(50)
    for (const [, , outcome, , version] of samples) expect([outcome, version]).toEqual(['ok', 1])
    expect(origin.loads.length).toBeLessThanOrEqual(10)
  })
})
