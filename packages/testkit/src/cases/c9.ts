import { getEventListeners } from 'node:events'
import { Group, text } from '@geecache/core'
import { linkTo } from '../lab/caller.ts'
import type { LabCase } from '../lab/case.ts'
import { serve } from '../lab/serve.ts'

/** A signal that outlives what it was given to. */
export const c9: LabCase = {
  id: 'C9',
  title: 'One signal for a million gets',
  does: 'A million gets are given one and the same signal: nine in ten of them hits, loads and shared loads in this process, the rest from another process. What they left behind is measured after a collection.',
  metric: 'growth of the heap, MiB',
  bound: { atMost: 1 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    const warnings: string[] = []
    const warn = (warning: Error) => warnings.push(String(warning))
    process.on('warning', warn)
    const options = { name: 'values', maxBytes: 2 ** 20, codec: text() }
    const owner = new Group<string>({ ...options, getter: (key) => key })
    const local = new Group<string>({ ...options, getter: async (key) => key })
    const caller = new Group<string>({ ...options, getter: (key) => key })
    lab.use(local)
    const { url } = lab.use(await serve(owner))
    const { nextKey } = lab.use(linkTo(url, caller, { timeoutMs: 60_000 }))
    const keys = Array.from({ length: 200 }, () => nextKey())
    const { signal } = new AbortController()
    const play = async (rounds: number) => {
      for (let round = 0; round < rounds; round++) {
        // Each is loaded in every round, for one and then for three callers, and found in memory after that.
        await local.clear()
        await Promise.all(keys.map((key) => local.get(key, { signal })))
        await local.clear()
        await Promise.all(keys.flatMap((key) => [1, 2, 3].map(() => local.get(key, { signal }))))
        for (let i = 0; i < 5; i++) await Promise.all(keys.map((key) => local.get(key, { signal })))
        await Promise.all(keys.map((key) => caller.get(key, { signal })))
      }
    }
    const gets = lab.short ? 100_000 : 1_000_000
    const rounds = gets / (10 * keys.length)
    // Until all code is compiled and all tables have their size.
    await play(rounds / 10)
    const before = await heap()
    await play(rounds)
    const grown = (await heap()) - before
    process.off('warning', warn)
    const listeners = getEventListeners(signal, 'abort').length
    lab.hold(listeners === 0, `${listeners} listeners were left`)
    for (const warning of warnings) lab.hold(false, warning)
    lab.note('gets', gets)
    return grown / 2 ** 20
  },
}

/** Bytes of the heap that are in use after a collection. */
async function heap(): Promise<number> {
  // What one collection finalizes only the next one frees.
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setImmediate(resolve))
    ;(globalThis as { gc?: () => void }).gc?.()
  }
  return process.memoryUsage().heapUsed
}
