import type { LabCase } from '../lab/case.ts'
import { pause } from '../lab/pause.ts'
import { Samples } from '../lab/samples.ts'

const cap = 8

/** More than half of the peers are gone. */
export const a13: LabCase = {
  id: 'A13',
  title: 'Three of five peers are killed',
  does: 'Three of five processes are killed under traffic. The two that are left answer every get; at most half of the peers are left alone, and each process runs at most 8 loads at a time.',
  metric: 'failed gets',
  bound: { atMost: 0 },
  runs: 20,
  shortRuns: 1,
  async run(lab) {
    const cluster = await lab.cluster({
      origin: { ready: () => pause(10) },
      settings: { group: { maxConcurrentLoads: cap } },
    })
    const left = cluster.peers.slice(0, 2)
    for (const [i, peer] of left.entries()) {
      await peer.tell('startTraffic', { perSecond: 80, prefix: 'key-', keys: 1e6, seed: lab.seed * 10 + i })
    }
    await pause(1000)
    await Promise.all(cluster.peers.slice(2).map((peer) => peer.kill()))
    await pause(lab.short ? 2000 : 4000)
    const samples = new Samples(await Promise.all(left.map((peer) => peer.tell('stopTraffic'))))
    lab.hold(samples.failed.length === 0, `failed gets: ${samples.complaints}`)
    lab.hold(cluster.origin.peak <= 5 * cap, `${cluster.origin.peak} loads at a time`)
    lab.note('loads at a time', cluster.origin.peak)
    lab.note('slowest get, ms', samples.slowestMs)
    for (const peer of left) {
      const { peers } = await peer.tell('poolStats')
      const out = peers.filter(({ isOut }) => isOut).length
      lab.hold(out <= 2, `${out} of five peers are left alone`)
      lab.note('peers left alone', out)
    }
    // Many loads at once are held back.
    cluster.origin.peak = 0
    await Promise.all(
      left.map((peer) =>
        peer.tell(
          'getEach',
          Array.from({ length: 300 }, (_, i) => `burst-${i}`),
        ),
      ),
    )
    lab.hold(cluster.origin.peak <= 2 * cap, `${cluster.origin.peak} loads at a time in a burst`)
    lab.note('loads at a time in a burst of 600 gets', cluster.origin.peak)
    return samples.failed.length
  },
}
