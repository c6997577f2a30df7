import { type Measurement, runSuite } from '../harness/index.ts'
import type { MakeBounded } from './contestants/bounded.ts'
import { fillers, type MakeValue } from './filler.ts'
import { keyOf } from './task.ts'

const MAX_BYTES = 256 * 1e6
/** Values loaded after the cache was full: what was evicted must go, too. */
const MORE = 0.2

await runSuite<MakeBounded>(import.meta.url, {
  name: 'core:memory',
  about:
    'A cache told to take 256 MB is filled until it evicts, and then by a fifth more. accounted: the bytes it believes to hold. ' +
    'RSS, heap: what the process has grown by, after collecting garbage. RSS over accounted: above 1, it takes more than it says.',
  baseline: 'geecache',
  metrics: {
    'RSS over accounted': { unit: '', better: 'less' },
    accounted: { unit: 'MB', better: 'more', digits: 0 },
    RSS: { unit: 'MB', better: 'less', digits: 0 },
    heap: { unit: 'MB', better: 'less', digits: 0 },
  },
  nodeFlags: ['--expose-gc', '--max-old-space-size=4000'],
  contestants: {
    geecache: async () => (await import('./contestants/bounded.ts')).geecache,
    'lru-cache.fetch, maxSize': async () => (await import('./contestants/bounded.ts')).lruCache,
  },
  cases: Object.fromEntries(
    Object.entries(fillers).map(([name, value]) => [name, (make: MakeBounded) => measure(make, value)]),
  ),
})

async function measure(make: MakeBounded, value: MakeValue): Promise<Measurement> {
  // The code is compiled first, on a small cache that is thrown away.
  const rehearsal = make(1e6, value)
  for (let k = 0; rehearsal.evictions < 100; k++) await rehearsal.get(keyOf(k))

  const before = await used()
  const cache = make(MAX_BYTES, value)
  let loads = 0
  while (cache.evictions === 0) await cache.get(keyOf(loads++))
  for (const enough = loads * (1 + MORE); loads < enough; ) await cache.get(keyOf(loads++))
  const after = await used()
  const accounted = cache.bytes
  return {
    'RSS over accounted': (after.rss - before.rss) / accounted,
    accounted: accounted / 1e6,
    RSS: (after.rss - before.rss) / 1e6,
    heap: (after.held - before.held) / 1e6,
  }
}

async function used(): Promise<{ rss: number; held: number }> {
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.()
    await new Promise(setImmediate)
  }
  const { rss, heapUsed, external } = process.memoryUsage()
  return { rss, held: heapUsed + external }
}
