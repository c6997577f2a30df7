import type { LabCase } from '../lab/case.ts'
import { pause } from '../lab/pause.ts'

const timeoutMs = 500

/** Requests whose callers have left. */
export const a11: LabCase = {
  id: 'A11',
  title: 'An owner stalls for 2 s, and wakes to requests that nobody waits for',
  does: 'The owner of 200 keys computes for 2 s while two others ask it for them, with a deadline of 500 ms. They go elsewhere. When it wakes, it drops what it finds.',
  metric: 'loads it did for callers who had left',
  bound: { atMost: 0 },
  runs: 20,
  shortRuns: 1,
  async run(lab) {
    const cluster = await lab.cluster({ size: 3, settings: { pool: { timeoutMs } } })
    const [a, b, owner] = cluster.peers as [
      (typeof cluster.peers)[0],
      (typeof cluster.peers)[0],
      (typeof cluster.peers)[0],
    ]
    const keys = cluster.keysOf(2, 200, `run-${lab.round}-`)
    // Connections are there already, so that requests lie in its sockets while it is away.
    const warm = cluster.keysOf(2, 40, `warm-${lab.round}-`)
    await Promise.all([a.tell('getEach', warm.slice(0, 20)), b.tell('getEach', warm.slice(20))])
    await owner.stall(2000)
    await pause(100)
    const began = performance.now()
    const values = (
      await Promise.all([a.tell('getEach', keys.slice(0, 100)), b.tell('getEach', keys.slice(100))])
    ).flat()
    lab.note('ms until all had their values', performance.now() - began)
    for (const [i, key] of keys.entries()) {
      lab.hold(values[i]?.startsWith(`${key}, version`) === true, `${key} was answered with ${values[i]}`)
    }
    // It answers when it has woken, after all that lay before it.
    await owner.tell('stats')
    await pause(300)
    return cluster.origin.loads.filter(({ key, peer }) => peer === owner.url && key.startsWith('run-')).length
  },
}
