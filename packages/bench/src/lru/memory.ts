import { type Measurement, runSuite } from '../harness/index.ts'
import type { MakeCache } from './contestants/cache.ts'
import { contestants } from './contestants/index.ts'

const ENTRIES = 1_000_000

await runSuite<MakeCache>(import.meta.url, {
  name: 'lru:memory',
  about:
    'A cache of a million entries is filled with a million string keys. an entry: heap and array buffers per entry, keys and values ' +
    'not counted. longest set: the longest single set while filling, collector included.',
  baseline: 'Map, no eviction',
  metrics: {
    'an entry': { unit: 'bytes', better: 'less', digits: 1 },
    'longest set': { unit: 'ms', better: 'less', digits: 1 },
  },
  contestants,
  cases: { 'a million entries': measure },
  nodeFlags: ['--expose-gc'],
})

function measure(make: MakeCache): Measurement {
  const keys = Array.from({ length: ENTRIES }, (_, k) => `key:${1_000_000 + k}`)
  const value = { any: 'object' }
  // The strings are hashed before, and the code is compiled.
  const rehearsal = make(10_000)
  for (const key of keys) rehearsal.set(key, value)

  const before = usedBytes()
  const cache = make(ENTRIES)
  let longest = 0
  let last = performance.now()
  for (const key of keys) {
    cache.set(key, value)
    const now = performance.now()
    if (now - last > longest) longest = now - last
    last = now
  }
  const bytes = usedBytes() - before
  if (cache.get(keys[0]!) !== value) throw new Error('the first entry is gone')
  return { 'an entry': bytes / ENTRIES, 'longest set': longest }
}

function usedBytes(): number {
  // Twice: what the first collection finishes, the second one takes away.
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
