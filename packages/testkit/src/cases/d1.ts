import type { LabCase } from '../lab/case.ts'
import { pause } from '../lab/pause.ts'
import { nowMs, Samples } from '../lab/samples.ts'

/** The list of peers changes all the time. */
export const d1: LabCase = {
  id: 'D1',
  title: 'The list of peers changes again and again under traffic',
  does: 'Every 50 ms one of five processes is told that the peers are another part of the five, whatever the others think. All have traffic.',
  metric: 'failed gets',
  bound: { atMost: 0 },
  runs: 10,
  shortRuns: 1,
  async run(lab) {
    const cluster = await lab.cluster({ settings: { pool: { timeoutMs: 2000 } } })
    const { peers, urls } = cluster
    for (const [i, peer] of peers.entries()) {
      await peer.tell('startTraffic', { perSecond: 60, prefix: 'key-', keys: 500, seed: lab.seed * 10 + i })
    }
    const end = nowMs() + (lab.short ? 3000 : 10_000)
    let changes = 0
    while (nowMs() < end) {
      const who = Math.floor(5 * lab.random())
      const list = urls.filter((_, i) => i === who || lab.random() < 0.6)
      await cluster.peer(who).tell('setPeers', list)
      changes++
      await pause(50)
    }
    await cluster.introduce()
    const samples = new Samples(await Promise.all(peers.map((peer) => peer.tell('stopTraffic'))))
    lab.hold(samples.failed.length === 0, `failed gets: ${samples.complaints}`)
    lab.note('changes', changes)
    lab.note('gets', samples.all.length)
    lab.note('slowest get, ms', samples.slowestMs)
    return samples.failed.length
  },
}
