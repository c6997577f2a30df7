import type { Cluster } from '../cluster.ts'
import type { Lab, LabCase } from '../lab/case.ts'
import { pause } from '../lab/pause.ts'
import { nowMs, Samples } from '../lab/samples.ts'
import { latency, slicer } from '../proxy/toxics/index.ts'

const timeoutMs = 500

/** Peers that are there, and slow. */
export const a3: LabCase = {
  id: 'A3',
  title: 'A peer answers a byte at a time, or 200 ms late',
  does: 'What one of three processes answers comes a byte each 100 ms: no byte is late, the answer is. Gets end at the deadline all the same, and the peer is left alone and stays so, for its answers to probes drip as well. Then all its answers come 200 ms late, but in time: it is asked throughout.',
  metric: 'ms of the slowest get',
  bound: { atMost: 10 * timeoutMs },
  runs: 4,
  shortRuns: 1,
  async run(lab) {
    const cluster = await lab.cluster({ size: 3, proxied: true, settings: { pool: { timeoutMs } } })
    await cluster.warmUp()
    const proxy = cluster.proxy(2)
    const ms = lab.short ? 3000 : 20_000
    const stopDripping = proxy.add(slicer(1, { delayMs: 100 }))
    const dripping = await watch(lab, cluster, ms)
    stopDripping()
    proxy.cut()
    lab.note('times that it was left alone or asked again, while it dripped', dripping.changes)
    lab.hold(dripping.changes <= 2, `it was left alone and asked again ${dripping.changes} times`)
    lab.hold(dripping.isOut, 'it is asked again and again')
    proxy.add(latency(200))
    // Until a probe has found that it answers.
    await pause(3000)
    const late = await watch(lab, cluster, ms)
    lab.note('times that it was left alone or asked again, while it was late', late.changes)
    lab.hold(late.changes === 0 && !late.isOut, `it was left alone ${late.changes} times for being late`)
    lab.note('p99 of a get, while it was late, ms', late.samples.quantileMs(0.99))
    return Math.max(dripping.samples.slowestMs, late.samples.slowestMs)
  },
}

/** Traffic of the first process for a while; how often it changed its mind about the third, and what it thinks of it. */
async function watch(
  lab: Lab,
  cluster: Cluster,
  ms: number,
): Promise<{ changes: number; isOut: boolean; samples: Samples }> {
  const caller = cluster.peer(0)
  const isOut = async () => {
    const { peers } = await caller.tell('poolStats')
    return peers.find(({ url }) => url === cluster.urls[2])?.isOut === true
  }
  await caller.tell('startTraffic', { perSecond: 60, prefix: `at-${nowMs()}-`, keys: 1e6, seed: lab.seed })
  let was = await isOut()
  let changes = 0
  const end = nowMs() + ms
  while (nowMs() < end) {
    const is = await isOut()
    if (is !== was) changes++
    was = is
    await pause(10)
  }
  const samples = new Samples([await caller.tell('stopTraffic')])
  lab.hold(samples.failed.length === 0, `failed gets: ${samples.complaints}`)
  return { changes, isOut: was, samples }
}
