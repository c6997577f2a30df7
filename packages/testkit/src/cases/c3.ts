import type { LabCase } from '../lab/case.ts'

const gets = 1000

/** Keys that have no value. */
export const c3: LabCase = {
  id: 'C3',
  title: 'A key that the origin does not have',
  does: 'Five processes get an absent key 1,000 times, at once and one after the other, with a notFoundTtlMs of a minute: the origin is asked once, every caller is told “not found”, and no peer is blamed for it. Without a notFoundTtlMs it is asked once for each get that comes after another, never twice.',
  metric: 'loads for 1,000 gets of an absent key',
  bound: { atMost: 1 },
  runs: 10,
  shortRuns: 1,
  async run(lab) {
    const remembering = await lab.cluster({
      settings: { group: { notFoundTtlMs: 60_000 }, pool: { timeoutMs: 10_000 } },
    })
    const { peers, origin } = remembering
    const told = await Promise.all(peers.map((peer) => peer.tell('getAtOnce', 'absent-1', gets / 10)))
    for (const values of told) {
      lab.hold(values.length === 1 && values[0]?.startsWith('error: ') === true, `a get gave ${values}`)
    }
    for (let i = 0; i < gets / 10; i++) {
      const codes = await Promise.all(peers.map(async (peer) => (await peer.tell('get', 'absent-1')).code))
      for (const code of codes) lab.hold(code === 'not-found', `a get was answered with ${code}`)
    }
    for (const peer of peers) {
      const { failures, timeouts, peers: known } = await peer.tell('poolStats')
      lab.hold(failures + timeouts === 0, `${failures} failures and ${timeouts} timeouts of peers`)
      lab.hold(
        known.every(({ isOut }) => !isOut),
        'a peer is left alone',
      )
    }
    const forgetting = await lab.cluster({ size: 2, settings: { pool: { timeoutMs: 10_000 } } })
    for (let i = 0; i < 20; i++) await forgetting.peer(i % 2).tell('get', 'absent-2')
    const again = forgetting.origin.loadsOf('absent-2')
    lab.hold(again === 20, `without notFoundTtlMs the origin was asked ${again} times for 20 gets`)
    return origin.loadsOf('absent-1')
  },
}
