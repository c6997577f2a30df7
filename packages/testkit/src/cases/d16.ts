import { once } from 'node:events'
import { isMainThread, type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads'
import { Group, text } from '@geecache/core'
import type { LabCase } from '../lab/case.ts'
import { serve } from '../lab/serve.ts'

const threads = 3
const keys = Array.from({ length: 300 }, (_, i) => `key-${i}`)

/** What a thread reports. */
interface Report {
  readonly values: readonly string[]
  readonly loads: number
}

/** Threads of one process. */
export const d16: LabCase = {
  id: 'D16',
  title: 'Three threads of one process, each a peer of its own',
  does: 'Each of three worker threads has a group and a pool of its own, at a port of its own, and asks for the same 300 keys at once. To each other they are peers as any others: each key is loaded once, by one of them, and all see that value.',
  metric: 'loads for each key',
  bound: { atMost: 1 },
  runs: 10,
  shortRuns: 1,
  async run(lab) {
    const workers = Array.from({ length: threads }, (_, number) => {
      const worker = new Worker(process.argv[1] as string, { workerData: { thread: number } })
      lab.use({ [Symbol.asyncDispose]: async () => void (await worker.terminate()) })
      return worker
    })
    const tellAll = async <T>(message: unknown): Promise<readonly T[]> => {
      const answers = workers.map((worker) => once(worker, 'message'))
      for (const worker of workers) worker.postMessage(message)
      return (await Promise.all(answers)).map(([answer]) => answer as T)
    }
    const urls = await tellAll<string>('where')
    await tellAll({ urls })
    const reports = await tellAll<Report>('get')
    for (const [i, key] of keys.entries()) {
      const seen = new Set(reports.map(({ values }) => values[i]))
      lab.hold(seen.size === 1, `${key} is ${[...seen].join(' and ')}`)
    }
    for (const { loads } of reports)
      lab.hold(loads > keys.length / threads / 3, `a thread did ${loads} loads`)
    return reports.reduce((sum, { loads }) => sum + loads, 0) / keys.length
  },
}

/** Whether this is a thread of that case rather than the lab. */
export const isThread: boolean = !isMainThread && workerData?.thread !== undefined

/** What such a thread does. */
export async function beThread(): Promise<void> {
  const group = new Group<string>({
    name: 'values',
    maxBytes: 2 ** 20,
    codec: text(),
    getter: (key) => `${key} of thread ${workerData.thread}`,
  })
  const { url, pool } = await serve(group, { timeoutMs: 20_000 })
  const port = parentPort as MessagePort
  port.on('message', async (message: 'where' | 'get' | { urls: readonly string[] }) => {
    if (message === 'where') return port.postMessage(url)
    if (message === 'get') {
      const results = await group.getMany(keys)
      const values = results.map((one) => (one.status === 'fulfilled' ? one.value : String(one.reason)))
      return port.postMessage({ values, loads: group.stats.localLoads } satisfies Report)
    }
    pool.set(...message.urls)
    port.postMessage('set')
  })
}
