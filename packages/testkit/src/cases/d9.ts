import { Group, text } from '@geecache/core'
import type { Lab, LabCase } from '../lab/case.ts'

const ttlMs = 60_000

/** Values that were loaded together. */
export const d9: LabCase = {
  id: 'D9',
  title: '100,000 values that expire together',
  does: '100,000 values are loaded within a moment, with 60 s to live and a ttlJitter of one half; all are asked for every second. They are loaded anew over half a minute, not within one second; and where stale values may be used meanwhile, nobody waits, and each key is loaded once at a time.',
  metric: 'part of all values that was loaded anew within the worst second',
  bound: { atMost: 0.1 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    const together = await worstSecond(lab, 0)
    const spread = await worstSecond(lab, 0.5)
    lab.note('the same without jitter', together.worst)
    lab.plot({
      title: 'Values loaded anew in each second',
      x: 'seconds',
      y: 'loads',
      series: [
        { name: 'ttlJitter: 0.5', points: spread.loads },
        { name: 'without', points: together.loads },
      ],
    })
    await background(lab)
    return spread.worst
  },
}

interface Seconds {
  readonly worst: number
  readonly loads: readonly (readonly [number, number])[]
}

async function worstSecond(lab: Lab, ttlJitter: number): Promise<Seconds> {
  const keys = keysOf(lab)
  let now = 0
  const group = new Group<string>({
    name: 'values',
    maxBytes: 2 ** 30,
    codec: text(),
    ttlMs,
    ttlJitter,
    now: () => now,
    getter: (key) => key,
  })
  await group.getMany(keys)
  const loads: [number, number][] = []
  for (now = 1000; now <= 1.5 * ttlMs; now += 1000) {
    const before = group.stats.localLoads
    await group.getMany(keys)
    loads.push([now / 1000, group.stats.localLoads - before])
  }
  await group.close()
  return { worst: Math.max(...loads.map(([, count]) => count)) / keys.length, loads }
}

/** All are stale at once, and asked for five times each. */
async function background(lab: Lab): Promise<void> {
  const keys = keysOf(lab)
  let now = 0
  let running = 0
  const parked: (() => void)[] = []
  const group = new Group<string>({
    name: 'values',
    maxBytes: 2 ** 30,
    codec: text(),
    ttlMs,
    staleWhileRevalidateMs: ttlMs,
    now: () => now,
    getter: async (key) => {
      running++
      if (now > 0) await new Promise<void>((resolve) => parked.push(resolve))
      return `${key} at ${now}`
    },
  })
  await group.getMany(keys)
  running = 0
  now = ttlMs + 1
  for (let i = 0; i < 5; i++) {
    const results = await group.getMany(keys)
    const stale = results.filter(
      (result, k) => result.status === 'fulfilled' && result.value === `${keys[k]} at 0`,
    ).length
    lab.hold(stale === keys.length, `${keys.length - stale} gets waited for a load`)
  }
  lab.hold(running === keys.length, `${running} loads of ${keys.length} stale values`)
  for (const go of parked) go()
  await new Promise((resolve) => setImmediate(resolve))
  const fresh = keys.filter((key) => group.peek(key) === `${key} at ${now}`).length
  lab.hold(fresh === keys.length, `${keys.length - fresh} values are stale still`)
  await group.close()
}

function keysOf(lab: Lab): readonly string[] {
  return Array.from({ length: lab.short ? 5000 : 100_000 }, (_, i) => `key-${i}`)
}
