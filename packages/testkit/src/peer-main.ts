/** The program of a peer process: a cache of what the origin answers, told what to do over IPC. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Group, type GroupOptions, isGeeCacheError, NotFoundError, text } from '@geecache/core'
import { HTTPPool, type HTTPPoolOptions } from '@geecache/http'
import type { Answer, Call, Control, Outcome, PeerSettings, Sample, Traffic } from './control.ts'
import { keyChoice } from './key-choice.ts'
import { readValue } from './origin.ts'
import { seededRandom } from './proxy/random.ts'

const unhandled: string[] = []
const warnings: string[] = []
process.on('unhandledRejection', (reason) => unhandled.push(String((reason as Error)?.stack ?? reason)))
process.on('warning', (warning) => warnings.push(String(warning)))

void main(JSON.parse(process.argv[2] as string))

async function main(settings: PeerSettings): Promise<void> {
  const { originUrl, host = '127.0.0.1', port = 0, groupName = 'values' } = settings
  const { ownServer = false, isDeaf = false } = settings
  const running = { gets: 0, loads: 0, requests: 0 }

  const server = createServer()
  let self = settings.self
  if (!ownServer) {
    server.listen(port, host)
    await once(server, 'listening')
    self ??= `http://${host}:${(server.address() as AddressInfo).port}`
  }
  if (self === undefined) throw new Error('a peer with a server of its own must be told where: self')

  const options: GroupOptions<string> = {
    name: groupName,
    maxBytes: 64 * 2 ** 20,
    codec: text(),
    async getter(key, { signal }) {
      running.loads++
      try {
        const query = new URLSearchParams({ key, peer: self })
        const response = await fetch(`${originUrl}/?${query}`, isDeaf ? {} : { signal })
        if (response.status === 404) throw new NotFoundError(`${key} is nowhere`)
        if (!response.ok) throw new Error(await response.text())
        return await response.text()
      } finally {
        running.loads--
      }
    },
    ...settings.group,
  }
  const group = new Group<string>(options)
  const pool = new HTTPPool(self, { timeoutMs: 1000, ...(settings.pool as HTTPPoolOptions) }).register(group)
  if (ownServer) await pool.listen()
  else {
    server.on('request', (request, response) => {
      running.requests++
      response.once('close', () => running.requests--)
      pool.handler(request, response)
    })
  }

  async function call(work: () => Promise<unknown>): Promise<Outcome> {
    const began = performance.now()
    running.gets++
    try {
      const value = await work()
      return { ...(typeof value === 'string' && { value }), ms: performance.now() - began }
    } catch (error) {
      return { code: codeOf(error), message: (error as Error).message, ms: performance.now() - began }
    } finally {
      running.gets--
    }
  }

  const traffic = new TrafficMaker((key) => call(() => group.get(key)))
  const text1 = async (key: string) => {
    const { value, message } = await call(() => group.get(key))
    return value ?? `error: ${message}`
  }

  const control: { [name in keyof Control]: (...args: Parameters<Control[name]>) => unknown } = {
    setPeers: (urls) => pool.set(...urls),
    get: (key) => call(() => group.get(key)),
    getAtOnce: async (key, times) => [
      ...new Set(await Promise.all(Array.from({ length: times }, () => text1(key)))),
    ],
    getEach: (keys) => Promise.all(keys.map(text1)),
    getAndLeave: (key, afterMs) => call(() => group.get(key, { signal: AbortSignal.timeout(afterMs) })),
    peek: (key) => group.peek(key),
    set: (key, value) => call(() => group.set(key, value)),
    setEach: async (keys, bytes) => {
      for (const [i, key] of keys.entries()) await group.set(key, 'x'.repeat(bytes[i] as number))
    },
    remove: (keys) => call(() => group.removeMany(keys)),
    clear: () => call(() => group.clear()),
    startTraffic: (what) => traffic.start(what),
    takeSamples: () => traffic.take(),
    stopTraffic: () => traffic.stop(),
    stats: () => group.stats,
    cacheStats: () => ({ main: group.cacheStats('main'), hot: group.cacheStats('hot') }),
    poolStats: () => pool.stats,
    health: () => {
      const { rss, heapUsed, arrayBuffers } = process.memoryUsage()
      const resources: Record<string, number> = {}
      for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1
      return {
        running: { ...running },
        bytes: group.cacheStats('main').bytes + group.cacheStats('hot').bytes,
        maxBytes: options.maxBytes,
        rss,
        peakRss: process.resourceUsage().maxRSS * 1024,
        heapUsed,
        arrayBuffers,
        resources,
        unhandled,
        warnings,
      }
    },
    collect: () => (globalThis as { gc?: () => void }).gc?.(),
    stall: (ms) => {
      setImmediate(() => {
        const end = performance.now() + ms
        while (performance.now() < end);
      })
    },
    leave: async () => {
      const began = performance.now()
      await pool.close()
      if (!ownServer) {
        const closed = once(server, 'close')
        server.close()
        // All have their answers; what is left was dialled, and never used.
        server.closeAllConnections()
        await closed
      }
      await group.close()
      return performance.now() - began
    },
    letGo: () => {
      process.removeAllListeners('disconnect')
      setImmediate(() => process.disconnect())
    },
  }
  process.on('message', async ({ id, name, args }: Call) => {
    let answer: Answer
    try {
      const result = await (control[name] as (...args: readonly unknown[]) => unknown)(...args)
      answer = { id, result }
    } catch (error) {
      answer = { id, error: String((error as Error).stack) }
    }
    if (process.connected) process.send?.(answer, () => {})
  })
  process.on('disconnect', () => process.exit())
  process.send?.({
    self,
    port: ownServer ? Number(new URL(self).port) : (server.address() as AddressInfo).port,
  })
}

function codeOf(error: unknown): string {
  return isGeeCacheError(error) ? error.code : String((error as Error)?.name ?? error)
}

/** Starts gets at a rate, and notes what becomes of them. */
class TrafficMaker {
  readonly #get: (key: string) => Promise<Outcome>
  #samples: Sample[] = []
  #running = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined

  constructor(get: (key: string) => Promise<Outcome>) {
    this.#get = get
  }

  start({ perSecond, prefix, keys, seed, skew = 0, hotShare = 0 }: Traffic): void {
    const random = seededRandom(seed)
    const any = keyChoice(keys, skew, random)
    const choose = () => (hotShare > 0 && random() < hotShare ? 0 : any())
    let last = performance.now()
    let due = 0
    this.#timer = setInterval(() => {
      const now = performance.now()
      // After a stall the gets that were due then are not made up for: their callers were stalled as well.
      due += (perSecond * Math.min(now - last, 100)) / 1000
      last = now
      for (; due >= 1; due--) {
        const one = this.#one(prefix, choose())
        this.#running.add(one)
        void one.then(() => this.#running.delete(one))
      }
    }, 5)
  }

  async stop(): Promise<readonly Sample[]> {
    clearInterval(this.#timer)
    await Promise.all(this.#running)
    return this.take()
  }

  take(): readonly Sample[] {
    const samples = this.#samples
    this.#samples = []
    return samples
  }

  async #one(prefix: string, number: number): Promise<void> {
    const beganAt = performance.timeOrigin + performance.now()
    const key = `${prefix}${number}`
    const { value, code = 'ok', ms } = await this.#get(key)
    const read = value === undefined ? undefined : readValue(value)
    const outcome = code === 'ok' && read?.key !== key ? 'wrong' : code
    this.#samples.push([beganAt, ms, outcome, number, read?.version ?? 0])
  }
}
