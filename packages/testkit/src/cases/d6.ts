import type { SharedSettings } from '../cluster.ts'
import type { Lab, LabCase } from '../lab/case.ts'

/** A process that comes back empty. */
export const d6: LabCase = {
  id: 'D6',
  title: 'A process that comes back asks who has had its keys meanwhile',
  does: 'One of five processes leaves; the others get thousands of keys, its own among them; it comes back with nothing in memory, and they get all keys again. It takes its keys over from those who have had them, memory to memory. Then the same without a hand-over.',
  metric: 'loads after the return with a hand-over, per load without',
  bound: { atMost: 0.1 },
  runs: 5,
  shortRuns: 1,
  async run(lab) {
    // As long as it takes: on a machine that is busy a hand-over may come late, and would then be done without.
    const withHandover = await loadsAfterReturn(lab, {
      pool: { timeoutMs: 10_000, handover: { timeoutMs: 5000 } },
    })
    const without = await loadsAfterReturn(lab, { pool: { timeoutMs: 10_000, handover: false } })
    lab.hold(without > 100, `only ${without} loads without a hand-over`)
    lab.note('loads with a hand-over', withHandover)
    lab.note('loads without', without)
    return withHandover / without
  },
}

async function loadsAfterReturn(lab: Lab, settings: SharedSettings): Promise<number> {
  const cluster = await lab.cluster({ settings, proxied: true })
  const others = cluster.peers.slice(0, 4)
  const keys = Array.from({ length: lab.short ? 1000 : 4000 }, (_, i) => `key-${i}`)
  const getAll = async () => {
    const each = keys.length / others.length
    const values = await Promise.all(
      others.map((peer, i) => peer.tell('getEach', keys.slice(each * i, each * (i + 1)))),
    )
    const failed = values.flat().filter((value) => value.startsWith('error'))
    lab.hold(failed.length === 0, `${failed.length} gets failed: ${failed[0]}`)
  }
  await cluster.peer(4).tell('leave')
  await cluster.peer(4).kill()
  await cluster.introduce(cluster.urls.slice(0, 4))
  await getAll()
  await cluster.restart(4)
  await cluster.introduce()
  const before = cluster.origin.loads.length
  await getAll()
  return cluster.origin.loads.length - before
}
