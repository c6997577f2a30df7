import type { LabCase } from '../lab/case.ts'
import { pause } from '../lab/pause.ts'
import { Samples } from '../lab/samples.ts'

/** One key that everybody wants. */
export const d15: LabCase = {
  id: 'D15',
  title: 'Half of all gets are for one key',
  does: 'Five processes have traffic of which half is for one key. The others keep hot copies of it, so that its owner is asked now and then only.',
  metric: 'requests at the owner of the hot key per get of the four others',
  bound: { atMost: 0.15 },
  runs: 5,
  shortRuns: 1,
  async run(lab) {
    const cluster = await lab.cluster({ settings: { pool: { timeoutMs: 5000 }, group: { ttlMs: 60_000 } } })
    const { peers } = cluster
    // Number 0 of the traffic is the hot one.
    const owner = peers.findIndex((_, i) => cluster.keysOf(i, 1, 'hot-').includes('hot-0'))
    const before = (await cluster.peer(owner).tell('stats')).serverRequests
    for (const [i, peer] of peers.entries()) {
      await peer.tell('startTraffic', {
        perSecond: 120,
        prefix: 'hot-',
        keys: 200,
        seed: lab.seed * 10 + i,
        hotShare: 0.5,
      })
    }
    await pause(lab.short ? 4000 : 15_000)
    const lists = await Promise.all(peers.map((peer) => peer.tell('stopTraffic')))
    const samples = new Samples(lists)
    const requests = (await cluster.peer(owner).tell('stats')).serverRequests - before
    const gets = lists.reduce((sum, list, i) => sum + (i === owner ? 0 : list.length), 0)
    lab.hold(samples.failed.length === 0, `failed gets: ${samples.complaints}`)
    lab.note('gets of the four others', gets)
    lab.note('requests at the owner', requests)
    return requests / gets
  },
}
