import type { LabCase } from '../lab/case.ts'

/** Who was away himself cannot tell. */
export const a12: LabCase = {
  id: 'A12',
  title: 'A caller stalls for 2 s with requests under way',
  does: 'A process computes for 2 s right after it has asked its four peers for 100 keys, with a deadline of 1 s. All its timers fire late; none of the peers, which are all well, may be blamed.',
  metric: 'peers left alone for it',
  bound: { atMost: 0 },
  runs: 20,
  shortRuns: 1,
  async run(lab) {
    const cluster = await lab.cluster({
      settings: { pool: { timeoutMs: 1000, breaker: { softFailures: 2 } } },
    })
    const caller = cluster.peer(0)
    await caller.tell(
      'getEach',
      Array.from({ length: 100 }, (_, i) => `warm-${i}`),
    )
    const gets = caller.tell(
      'getEach',
      Array.from({ length: 100 }, (_, i) => `key-${i}`),
    )
    await caller.stall(2000)
    const values = await gets
    lab.hold(
      values.every((value) => !value.startsWith('error')),
      `a get failed: ${values.find((v) => v.startsWith('error'))}`,
    )
    const { peers } = await caller.tell('poolStats')
    return peers.filter(({ isOut }) => isOut).length
  },
}
