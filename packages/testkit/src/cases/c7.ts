import type { LabCase } from '../lab/case.ts'
import { Gate, pause, until } from '../lab/pause.ts'

/** Callers who leave. */
export const c7: LabCase = {
  id: 'C7',
  title: 'Callers leave while others wait for the same load',
  does: 'Of callers in three processes that wait for one load, some leave: they are told so, the others get the value. Then all leave, and the load is given up at the origin.',
  metric: 'callers that were disturbed',
  bound: { atMost: 0 },
  runs: 20,
  shortRuns: 2,
  async run(lab) {
    const gates = new Map([
      ['some', new Gate()],
      ['all', new Gate()],
    ])
    const cluster = await lab.cluster({
      size: 3,
      origin: { ready: (key) => gates.get(key.split('-')[0] as string)?.opened },
      settings: { pool: { timeoutMs: 30_000 } },
    })
    const first = cluster.peer(0)
    const stay = cluster.peers.map((peer) => peer.tell('getAtOnce', 'some-1', 10))
    const leave = cluster.peers.map((peer) => peer.tell('getAndLeave', 'some-1', 100))
    let disturbed = 0
    for (const { code } of await Promise.all(leave)) if (code !== 'TimeoutError') disturbed++
    lab.hold(cluster.origin.abandoned === 0, 'the load was given up although some waited')
    gates.get('some')?.open()
    for (const values of await Promise.all(stay)) {
      if (values.length !== 1 || values[0] !== 'some-1, version 1, load 1.') disturbed++
    }
    const keys = Array.from({ length: 10 }, (_, i) => `all-${i}`)
    const left = await Promise.all(keys.map((key) => first.tell('getAndLeave', key, 400)))
    for (const { code } of left) if (code !== 'TimeoutError') disturbed++
    // On a machine that is busy some may not even have begun.
    const { origin } = cluster
    const ms = await until(() => origin.running === 0 && origin.abandoned > 0, 10_000)
    lab.hold(
      ms < 10_000,
      `${origin.abandoned} loads that nobody waited for were given up, ${origin.running} not`,
    )
    lab.note('ms until a load that nobody waits for is given up', ms)
    gates.get('all')?.open()
    await pause(50)
    for (const key of keys) {
      if ((await first.tell('get', key)).value?.startsWith(`${key}, version 1`) !== true) disturbed++
    }
    return disturbed
  },
}
