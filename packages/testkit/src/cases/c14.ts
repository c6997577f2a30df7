import type { LabCase } from '../lab/case.ts'
import { Gate } from '../lab/pause.ts'
import { readValue } from '../origin.ts'

const gates = new Map<string, Gate>()

/** The stampede. */
export const c14: LabCase = {
  id: 'C14',
  title: '10,000 gets of one cold key, in five processes at once',
  does: 'Each of five processes gets the same cold key 2,000 times at once; the origin answers when all of that is under way.',
  metric: 'loads at the origin',
  bound: { atMost: 1 },
  runs: 100,
  shortRuns: 10,
  async run(lab) {
    const cluster = await lab.sharedCluster({
      origin: { ready: (key) => gates.get(key)?.opened },
      settings: { pool: { timeoutMs: 60_000 } },
    })
    const key = `cold-${lab.round}`
    const gate = new Gate()
    gates.set(key, gate)
    const served = async () =>
      (await Promise.all(cluster.peers.map((peer) => peer.tell('stats')))).reduce(
        (sum, { serverRequests }) => sum + serverRequests,
        0,
      )
    const servedBefore = await served()
    const began = performance.now()
    const gets = cluster.peers.map((peer) => peer.tell('getAtOnce', key, 2000))
    // Answered in the order they were sent: when these come back, all gets are under way.
    await Promise.all(cluster.peers.map((peer) => peer.tell('stats')))
    gate.open()
    const values = (await Promise.all(gets)).flat()
    lab.note('ms for all 10,000', performance.now() - began)
    lab.note('requests between peers', (await served()) - servedBefore)
    lab.hold(values.length === 5, `the processes saw ${values.length} different values`)
    for (const value of values) lab.hold(readValue(value)?.key === key, `a get was answered with ${value}`)
    return cluster.origin.loadsOf(key)
  },
}
