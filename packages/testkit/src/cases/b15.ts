import { HashRing } from '@geecache/consistenthash'
import { Group, text } from '@geecache/core'
import type { LabCase } from '../lab/case.ts'
import { pause } from '../lab/pause.ts'

const cap = 8

/** Keys that somebody has chosen. */
export const b15: LabCase = {
  id: 'B15',
  title: '10,000 keys aimed at one owner',
  does: 'Whoever knows the ring can choose keys that one peer owns. 2,000 of them are asked of a cluster without a seed, whose owner runs 8 loads at a time and lets 200 wait: it refuses the rest, others load them, and nobody fails. On a ring with a seed that he does not know, 10,000 such keys are spread as any others.',
  metric: 'keys of the busiest owner, by the mean, on a ring with a seed',
  bound: { atMost: 1.5 },
  runs: 5,
  shortRuns: 1,
  async run(lab) {
    const urls = Array.from({ length: 5 }, (_, i) => `http://10.0.0.${i + 1}:8001`)
    const known = new HashRing().add(...urls)
    const began = performance.now()
    const aimed: string[] = []
    for (let i = 0; aimed.length < 10_000; i++) {
      if (known.get(`key-${lab.seed}-${i}`) === urls[0]) aimed.push(`key-${lab.seed}-${i}`)
    }
    lab.note('ms to find 10,000 keys of one owner', performance.now() - began)
    const seeded = new HashRing({ seed: 1000 + lab.seed }).add(...urls)
    const counts = new Map<string, number>()
    for (const key of aimed) {
      const owner = seeded.get(key) as string
      counts.set(owner, (counts.get(owner) ?? 0) + 1)
    }
    lab.note('ns of a get of an aimed key by one of another', (await cost(aimed)) / (await cost(others())))

    const cluster = await lab.cluster({
      origin: { ready: () => pause(1) },
      settings: {
        group: { maxConcurrentLoads: cap, maxQueuedLoads: 200 },
        pool: { timeoutMs: 20_000 },
      },
    })
    const keys = cluster.keysOf(0, lab.short ? 800 : 2000, 'aimed-')
    const callers = cluster.peers.slice(1)
    const values = await Promise.all(
      callers.map((peer, i) =>
        peer.tell(
          'getEach',
          keys.filter((_, k) => k % callers.length === i),
        ),
      ),
    )
    const failed = values.flat().filter((value) => value.startsWith('error'))
    lab.hold(failed.length === 0, `${failed.length} gets failed: ${failed[0]}`)
    const { loads, peak } = cluster.origin
    lab.hold(peak <= cap * cluster.peers.length, `${peak} loads at a time`)
    const own = loads.filter(({ peer }) => peer === cluster.urls[0]).length
    lab.note('part of the aimed keys that their owner loaded', own / keys.length)
    lab.hold(own < keys.length, 'the owner refused nothing')
    return Math.max(...counts.values()) / (aimed.length / urls.length)
  },
}

function others(): readonly string[] {
  return Array.from({ length: 10_000 }, (_, i) => `other-${i}`)
}

/** Nanoseconds of a get of each of these keys, when all are in memory. */
async function cost(keys: readonly string[]): Promise<number> {
  const group = new Group<string>({
    name: 'values',
    maxBytes: 64 * 2 ** 20,
    codec: text(),
    getter: (key) => key,
  })
  await group.getMany(keys)
  const began = performance.now()
  for (let round = 0; round < 5; round++) for (const key of keys) await group.get(key)
  const ns = ((performance.now() - began) * 1e6) / (5 * keys.length)
  await group.close()
  return ns
}
