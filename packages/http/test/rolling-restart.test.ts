import { Group, text } from '@geecache/core'
import { HTTPPool } from '@geecache/http'
import { afterEach, expect, it, vi } from 'vitest'

const closers: (() => Promise<unknown>)[] = []
afterEach(() => Promise.all(closers.splice(0).map((close) => close())))

const ttlMs = 10_000
// In each a quarter of all keys is loaded, for so many expire. One of five processes forgets about a fifth of them.
const windowMs = ttlMs / 4
const keys = Array.from({ length: 500 }, (_, i) => `key-${i}`)

/** An origin that counts, on a clock that the test moves. */
class World {
  now = 0
  loads = 0

  readonly load = (key: string): string => {
    this.loads++
    return `value of ${key}`
  }
}

class Process {
  readonly url: string
  readonly group: Group<string>
  readonly pool: HTTPPool

  constructor(url: string, world: World) {
    this.url = url
    const options = { maxBytes: 2 ** 24, ttlMs, codec: text(), getter: world.load, now: () => world.now }
    this.group = new Group<string>({ name: 'values', ...options })
    // Patient enough for a machine that is busy.
    this.pool = new HTTPPool(url, { timeoutMs: 60_000, handover: { timeoutMs: 60_000 } })
    this.pool.register(this.group)
    closers.push(() => this.stop())
  }

  async start(urls: readonly string[]): Promise<void> {
    this.pool.set(...urls)
    await this.pool.listen()
  }

  async stop(): Promise<void> {
    await this.pool.close()
    await this.group.close()
  }

  async askForAll(): Promise<void> {
    expect(await Promise.all(keys.map((key) => this.group.get(key)))).toEqual(
      keys.map((key) => `value of ${key}`),
    )
  }
}

async function freeUrls(count: number): Promise<string[]> {
  const probes = Array.from({ length: count }, () => new HTTPPool('http://127.0.0.1:0'))
  const ports = await Promise.all(probes.map(async (probe) => (await probe.listen()).port))
  await Promise.all(probes.map((probe) => probe.close()))
  return ports.map((port) => `http://127.0.0.1:${port}`)
}

it('a rolling restart under load fails no get, and asks the origin for at most twice as much as ever', async () => {
  const world = new World()
  const urls = await freeUrls(5)
  const processes = urls.map((url) => new Process(url, world))
  await Promise.all(processes.map((one) => one.start(urls)))
  const askEverybody = () => Promise.all(processes.map((one) => one.askForAll()))

  /** What the origin is asked for until as much time has passed as a window has. */
  async function loadsInWindow(during: () => Promise<unknown>): Promise<number> {
    const before = world.loads
    await during()
    await askEverybody()
    world.now += windowMs
    return world.loads - before
  }

  // So that not all expire together.
  for (let i = 0; i < 4; i++) {
    await Promise.all(keys.slice(i * 125, (i + 1) * 125).map((key) => processes[0]?.group.get(key)))
    world.now += windowMs
  }
  const steady = await loadsInWindow(async () => {})
  expect(steady).toBe(125)

  let answers = 0
  for (const [i, leaving] of processes.entries()) {
    const others = processes.filter((one) => one !== leaving)
    const loads = await loadsInWindow(async () => {
      let isBack = false
      // Its clients have been sent elsewhere. Nobody has told the other peers.
      const traffic = others.map(async ({ group }, nth) => {
        for (let n = nth; !isBack; n += 7) {
          expect(await group.get(keys[n % keys.length] as string)).toBe(`value of ${keys[n % keys.length]}`)
          answers++
          // What is in memory is answered within the tick: others want to be heard as well.
          await new Promise((resolve) => setImmediate(resolve))
        }
      })
      await leaving.stop()
      await Promise.all(others.map((one) => one.askForAll()))
      const fresh = new Process(leaving.url, world)
      await fresh.start(urls)
      processes[i] = fresh
      const seenBy = ({ pool }: Process) => pool.stats.peers.find(({ url }) => url === fresh.url)
      await vi.waitFor(() => expect(others.some((one) => seenBy(one)?.isOut)).toBe(false), {
        timeout: 60_000,
      })
      await askEverybody()
      isBack = true
      await Promise.all(traffic)
    })
    expect(loads).toBeLessThanOrEqual(2 * steady)
  }
  expect(answers).toBeGreaterThan(0)
})
