import type { LabCase } from '../lab/case.ts'

/** The origin is down. */
export const c12: LabCase = {
  id: 'C12',
  title: 'The origin is down, and is not asked twice',
  does: 'Five processes get 1,000 keys while the origin refuses every load. What the owner reports as the origin’s failure is final: nobody tries again behind its back, which would double the load of an origin that is in trouble.',
  metric: 'loads at the origin per get',
  bound: { atMost: 1 },
  runs: 20,
  shortRuns: 1,
  async run(lab) {
    const cluster = await lab.cluster({ settings: { pool: { timeoutMs: 10_000 } } })
    cluster.origin.isDown = true
    const keys = Array.from({ length: 1000 }, (_, i) => `key-${lab.round}-${i}`)
    const values = await Promise.all(
      cluster.peers.map((peer, i) => peer.tell('getEach', keys.slice(200 * i, 200 * (i + 1)))),
    )
    for (const value of values.flat()) {
      lab.hold(value.startsWith('error: the getter failed'), `a get was answered with ${value}`)
    }
    const { loads } = cluster.origin
    const number = loads.length / keys.length
    cluster.origin.isDown = false
    const again = await Promise.all(cluster.peers.map((peer) => peer.tell('getEach', keys.slice(0, 100))))
    lab.hold(
      again.flat().every((value) => !value.startsWith('error')),
      'the failure was remembered',
    )
    return number
  },
}
