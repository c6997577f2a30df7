import type { LabCase } from '../lab/case.ts'
import { Gate, pause } from '../lab/pause.ts'
import { readValue } from '../origin.ts'

/** The stampede, and its owner dies. */
export const c15: LabCase = {
  id: 'C15',
  title: 'The owner of a cold key dies while it loads it',
  does: 'Four processes get a cold key 500 times each, and wait for its owner, which is killed in the middle of the load. They agree on who stands in for it: one more load, not one each.',
  metric: 'loads at the origin',
  bound: { atMost: 2 },
  runs: 20,
  shortRuns: 2,
  async run(lab) {
    const first = new Gate()
    const cluster = await lab.cluster({
      origin: {
        ready: async (_, { number }) => {
          if (number === 1) return new Promise(() => first.open())
          return pause(200)
        },
      },
      settings: { pool: { timeoutMs: 10_000 } },
    })
    const [key] = cluster.keysOf(4, 1, 'cold-') as [string]
    const others = cluster.peers.slice(0, 4)
    const gets = others.map((peer) => peer.tell('getAtOnce', key, 500))
    await Promise.all(others.map((peer) => peer.tell('stats')))
    await first.opened
    // All four have asked, as far as they will.
    await pause(200)
    await cluster.peer(4).kill()
    for (const value of (await Promise.all(gets)).flat()) {
      lab.hold(readValue(value)?.key === key, `a get was answered with ${value}`)
    }
    return cluster.origin.loadsOf(key)
  },
}
