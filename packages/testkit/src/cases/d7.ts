import type { LabCase } from '../lab/case.ts'
import { Gate, pause, until } from '../lab/pause.ts'
import { Samples } from '../lab/samples.ts'

/** An orderly end. */
export const d7: LabCase = {
  id: 'D7',
  title: 'A process stops in an orderly way, and nobody else is told',
  does: 'One of five processes closes its pool and its server under traffic, with 50 requests of another process under way for loads that take 300 ms longer. They are answered, the others go elsewhere from then on, and nothing is left that would keep the process from ending by itself.',
  metric: 'gets that failed, or were loaded elsewhere though their answer was on its way',
  bound: { atMost: 0 },
  runs: 20,
  shortRuns: 1,
  async run(lab) {
    const gate = new Gate()
    const cluster = await lab.cluster({
      origin: { ready: (key) => (key.startsWith('slow-') ? gate.opened : undefined) },
      settings: { pool: { timeoutMs: 5000 } },
    })
    const { origin } = cluster
    const leaver = cluster.peer(4)
    const others = cluster.peers.slice(0, 4)
    const keys = cluster.keysOf(4, 50, 'slow-')
    for (const [i, peer] of others.entries()) {
      await peer.tell('startTraffic', { perSecond: 60, prefix: 'key-', keys: 1e6, seed: lab.seed * 10 + i })
    }
    await pause(1000)
    const gets = cluster.peer(0).tell('getEach', keys)
    await until(() => origin.running >= keys.length, 10_000)
    const leaving = leaver.tell('leave')
    await pause(300)
    gate.open()
    const values = await gets
    const stopMs = await leaving
    await pause(lab.short ? 500 : 2000)
    const samples = new Samples(await Promise.all(others.map((peer) => peer.tell('stopTraffic'))))
    lab.hold(samples.failed.length === 0, `failed gets: ${samples.complaints}`)
    const failed = values.filter((value, i) => !value.startsWith(`${keys[i]}, version 1`)).length
    lab.hold(failed === 0, `a get under way was answered with ${values.find((v) => !v.includes('version'))}`)
    const elsewhere = origin.loads.filter(
      ({ key, peer }) => key.startsWith('slow-') && peer !== leaver.url,
    ).length
    lab.note('ms of the stop, of which it had to wait 300', stopMs)
    lab.hold(stopMs < 10_000, `the stop took ${stopMs} ms`)
    await leaver.tell('letGo').catch(() => {})
    const endMs = await until(() => leaver.hasEnded, 10_000)
    lab.hold(endMs < 10_000, 'something keeps the process from ending')
    lab.note('ms until it has ended by itself', endMs)
    return samples.failed.length + failed + elsewhere
  },
}
