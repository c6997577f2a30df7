import { Group, text } from '@geecache/core'
import { keyChoice } from '../key-choice.ts'
import type { LabCase } from '../lab/case.ts'

const value = 'x'.repeat(100)

/** Keys that are wanted once. */
export const d14: LabCase = {
  id: 'D14',
  title: 'A scan of cold keys passes through a cache that is in use',
  does: 'A trace of gets by Zipf’s law over ten times as many keys as fit into memory, a third of them for keys that are never wanted again, with a scan of as many cold keys as fit every so often, is played to a group. The same trace is judged by plain LRU, and by one who knows the future (Belady).',
  metric: 'hits of the group, by those of LRU',
  bound: { atLeast: 1.05 },
  runs: 5,
  shortRuns: 1,
  async run(lab) {
    const group = new Group<string>({ name: 'values', maxBytes: 2 ** 20, codec: text(), getter: () => value })
    const choose = keyChoice(10_000, 0.9, lab.random)
    // How many fit is seen from what is there after more than fit.
    for (let i = 0; i < 5000; i++) await group.get(`fit-${String(i).padStart(8, '0')}`)
    const capacity = group.cacheStats('main').items
    await group.clear()
    const trace: string[] = []
    let once = 0
    const cold = () => `one-${String(once++).padStart(8, '0')}`
    const length = lab.short ? 60_000 : 400_000
    while (trace.length < length) {
      const step = trace.length
      if (step % 20_000 < 3 && step > 1000) for (let i = 0; i < capacity; i++) trace.push(cold())
      trace.push(lab.random() < 1 / 3 ? cold() : `hot-${String(choose()).padStart(8, '0')}`)
    }
    const before = group.stats.cacheHits
    for (const key of trace) await group.get(key)
    const hits = group.stats.cacheHits - before
    await group.close()
    const lru = hitsOfLru(trace, capacity)
    lab.note('values that fit', capacity)
    lab.note('hit ratio of the group', hits / trace.length)
    lab.note('hit ratio of LRU', lru / trace.length)
    lab.note('hit ratio of one who knows the future', hitsOfBelady(trace, capacity) / trace.length)
    return hits / lru
  },
}

function hitsOfLru(trace: readonly string[], capacity: number): number {
  const kept = new Set<string>()
  let hits = 0
  for (const key of trace) {
    if (kept.delete(key)) hits++
    kept.add(key)
    if (kept.size > capacity) kept.delete(kept.values().next().value as string)
  }
  return hits
}

/** Evicts what is wanted again last, and does not keep what is wanted later than all there is. */
function hitsOfBelady(trace: readonly string[], capacity: number): number {
  const next = new Array<number>(trace.length)
  const seen = new Map<string, number>()
  for (let i = trace.length - 1; i >= 0; i--) {
    next[i] = seen.get(trace[i] as string) ?? Number.POSITIVE_INFINITY
    seen.set(trace[i] as string, i)
  }
  // What is kept, by when it is wanted next. The last of them is looked for among the times that are to come.
  const wanted = new Map<string, number>()
  const times = new Set<number>()
  let latest = -1
  let hits = 0
  for (const [i, key] of trace.entries()) {
    if (wanted.has(key)) hits++
    wanted.delete(key)
    times.delete(i)
    const at = next[i] as number
    if (at === Number.POSITIVE_INFINITY) continue
    wanted.set(key, at)
    times.add(at)
    latest = Math.max(latest, at)
    if (wanted.size <= capacity) continue
    while (!times.has(latest)) latest--
    times.delete(latest)
    wanted.delete(trace[latest] as string)
  }
  return hits
}
