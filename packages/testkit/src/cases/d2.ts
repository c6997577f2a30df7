import type { LabCase } from '../lab/case.ts'

/** Each thinks that the other one owns a key. */
export const d2: LabCase = {
  id: 'D2',
  title: 'Two processes, each sure that the other one owns the key',
  does: 'Two processes whose rings have different seeds get 400 keys at once. For about a quarter of them each takes the other for the owner. One hop, always: whoever is asked by a peer answers itself.',
  metric: 'loads of a key, at most',
  bound: { atMost: 2 },
  runs: 20,
  shortRuns: 1,
  async run(lab) {
    const cluster = await lab.cluster({
      size: 2,
      settings: (index) => ({ pool: { timeoutMs: 10_000, ring: { seed: index + 1 } } }),
    })
    const keys = Array.from({ length: 400 }, (_, i) => `key-${lab.round}-${i}`)
    const began = performance.now()
    const values = (await Promise.all(cluster.peers.map((peer) => peer.tell('getEach', keys)))).flat()
    const ms = performance.now() - began
    lab.note('ms for all', ms)
    lab.hold(ms < 9000, `it took ${ms} ms, as long as the deadline: somebody waited for himself`)
    lab.hold(
      values.every((value) => !value.startsWith('error')),
      `a get failed: ${values.find((value) => value.startsWith('error'))}`,
    )
    const counts = new Map<string, number>()
    for (const { key } of cluster.origin.loads) counts.set(key, (counts.get(key) ?? 0) + 1)
    lab.note('keys loaded twice', [...counts.values()].filter((count) => count === 2).length)
    return Math.max(...counts.values())
  },
}
