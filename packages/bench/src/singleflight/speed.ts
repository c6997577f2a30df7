import { runSuite } from '../harness/index.ts'
import type { Coalescer } from './contestants/coalescer.ts'
import { contestants } from './contestants/index.ts'

const CALLERS = 1000
const value = { any: 'object' }

// Caches keep what they loaded, so every load needs a key that has not been used.
let fresh = 0
const freshKey = (): string => `key:${fresh++}`

await runSuite<Coalescer>(import.meta.url, {
  name: 'singleflight',
  about:
    `join: a call for a key whose load is under way, ${CALLERS} calls to a load, without what follows the load. ` +
    `burst: ${CALLERS} callers of one cold key, until all have the value. ` +
    'alone: one caller of a cold key after the other. Medians of many repetitions, so that pauses for garbage count little.',
  baseline: 'geecache',
  metrics: {
    join: { unit: 'M/s', better: 'more', digits: 1 },
    burst: { unit: 'µs', better: 'less', digits: 0 },
    alone: { unit: 'M/s', better: 'more' },
  },
  contestants,
  cases: {
    'one key': async (coalescer) => ({
      join: CALLERS / 1000 / (await medianMs(() => join(coalescer))),
      burst: 1000 * (await medianMs(() => burst(coalescer))),
      alone: CALLERS / 1000 / (await medianMs(() => oneByOne(coalescer))),
    }),
  },
})

async function join(coalescer: Coalescer): Promise<number> {
  let finish!: (value: unknown) => void
  const loaded = new Promise((resolve) => {
    finish = resolve
  })
  const key = freshKey()
  const first = coalescer.get(key, () => loaded)
  await new Promise(setImmediate) // some libraries begin to load in a later turn
  const calls = new Array<Promise<unknown>>(CALLERS)
  const start = performance.now()
  for (let i = 0; i < CALLERS; i++) calls[i] = coalescer.get(key, unexpected)
  const elapsedMs = performance.now() - start
  finish(value)
  await first
  await Promise.all(calls)
  return elapsedMs
}

async function burst(coalescer: Coalescer): Promise<number> {
  const key = freshKey()
  let loads = 0
  const load = async (): Promise<unknown> => {
    loads++
    await undefined
    return value
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: CALLERS }, () => coalescer.get(key, load)))
  const elapsedMs = performance.now() - start
  if (loads !== 1) throw new Error(`expected 1 load, got ${loads}`)
  return elapsedMs
}

async function oneByOne(coalescer: Coalescer): Promise<number> {
  const load = async (): Promise<unknown> => value
  const start = performance.now()
  for (let i = 0; i < CALLERS; i++) await coalescer.get(freshKey(), load)
  return performance.now() - start
}

/** Repeats the work for half a second to warm up, then for a second, and takes the median of the times it returns. */
async function medianMs(work: () => Promise<number>): Promise<number> {
  for (const end = performance.now() + 500; performance.now() < end; ) await work()
  const times: number[] = []
  for (const end = performance.now() + 1000; performance.now() < end || times.length === 0; )
    times.push(await work())
  return times.sort((a, b) => a - b)[times.length >> 1] as number
}

function unexpected(): never {
  throw new Error('joined no load: loaded again')
}
