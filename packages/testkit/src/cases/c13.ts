import type { LabCase } from '../lab/case.ts'
import { pause } from '../lab/pause.ts'
import { Samples } from '../lab/samples.ts'

const cap = 8

/** The origin is back, and everybody wants something of it. */
export const c13: LabCase = {
  id: 'C13',
  title: 'The origin comes back, and is not overrun',
  does: 'The origin refuses all loads for a while under traffic over new keys, in five processes that may run 8 loads at a time each. When it is back, slow as origins then are (50 ms a load), 3,000 gets wait for it at once.',
  metric: 'loads at a time per load allowed',
  bound: { atMost: 1 },
  runs: 10,
  shortRuns: 1,
  async run(lab) {
    const cluster = await lab.cluster({
      origin: { ready: () => pause(50) },
      settings: { group: { maxConcurrentLoads: cap }, pool: { timeoutMs: 20_000 } },
    })
    const { origin, peers } = cluster
    origin.isDown = true
    const traffic = { perSecond: 40, prefix: 'key-', keys: 1e6 }
    await Promise.all(peers.map((peer, i) => peer.tell('startTraffic', { ...traffic, seed: lab.seed + i })))
    await pause(lab.short ? 500 : 2000)
    const failing = new Samples(await Promise.all(peers.map((peer) => peer.tell('stopTraffic'))))
    lab.hold(
      failing.all.every(([, , outcome]) => outcome === 'load-failed'),
      `while the origin was down: ${failing.complaints}`,
    )
    origin.isDown = false
    const began = performance.now()
    const each = lab.short ? 200 : 600
    const keys = Array.from({ length: each * peers.length }, (_, i) => `back-${i}`)
    const values = await Promise.all(
      peers.map((peer, i) => peer.tell('getEach', keys.slice(each * i, each * (i + 1)))),
    )
    lab.note('ms until all were answered', performance.now() - began)
    lab.hold(
      values.flat().every((value, i) => value.startsWith(`${keys[i]}, `)),
      'a get failed after the origin was back',
    )
    const loads = origin.loads.filter(({ key }) => key.startsWith('back-')).length
    lab.hold(loads === keys.length, `${loads} loads of ${keys.length} keys`)
    lab.note('loads at a time', origin.peak)
    return origin.peak / (cap * peers.length)
  },
}
