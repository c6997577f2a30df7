import type { LabCase } from '../lab/case.ts'
import { Gate } from '../lab/pause.ts'

/** A load that never ends. */
export const c2: LabCase = {
  id: 'C2',
  title: 'The origin never answers',
  does: '300 gets of one key in three processes wait for a load that never ends, with a loadTimeoutMs of 500: all of them are told so, nothing is left behind, and when the origin is back the next get loads.',
  metric: 'gets that were told anything else',
  bound: { atMost: 0 },
  runs: 20,
  shortRuns: 1,
  async run(lab) {
    const gate = new Gate()
    const cluster = await lab.cluster({
      size: 3,
      origin: { ready: (key) => (key === 'stuck' ? gate.opened : undefined) },
      settings: { group: { loadTimeoutMs: 500 }, pool: { timeoutMs: 5000 } },
    })
    const began = performance.now()
    const waiters = cluster.peers.flatMap((peer) =>
      Array.from({ length: 100 }, () => peer.tell('getAndLeave', 'stuck', 5000)),
    )
    const told = await Promise.all(waiters)
    lab.note('ms until all were told', performance.now() - began)
    lab.note('loads', cluster.origin.loads.length)
    for (const complaint of await cluster.violations()) lab.hold(false, complaint)
    gate.open()
    for (const peer of cluster.peers) {
      const { value } = await peer.tell('get', 'stuck')
      lab.hold(value?.startsWith('stuck, version 1') === true, `the next get was answered with ${value}`)
    }
    return told.filter(({ code }) => code !== 'load-timeout').length
  },
}
