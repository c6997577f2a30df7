import type { LabCase } from '../lab/case.ts'
import { Gate, pause, until } from '../lab/pause.ts'

/** Rejections that nobody is there to hear. */
export const c8: LabCase = {
  id: 'C8',
  title: 'All callers have left when their load fails',
  does: 'Two processes that die of any unhandled rejection (--unhandled-rejections=strict) get 100 keys whose getter does not heed its signal; all callers leave, then every load fails. Callers of batches, of peers and of removals leave as well.',
  metric: 'processes that died, and rejections that nobody heard',
  bound: { atMost: 0 },
  runs: 10,
  shortRuns: 1,
  async run(lab) {
    const gate = new Gate()
    const cluster = await lab.cluster({
      size: 2,
      origin: { ready: (key) => (key.startsWith('key-') ? gate.opened : undefined) },
      settings: { isDeaf: true, group: { staleIfErrorMs: 1000 }, pool: { timeoutMs: 300 } },
      start: { execArgv: ['--unhandled-rejections=strict'] },
    })
    const { peers, origin } = cluster
    const keys = Array.from({ length: 50 }, (_, i) => `key-${i}`)
    const left = await Promise.all(
      peers.flatMap((peer) => keys.map((key, i) => peer.tell('getAndLeave', key, 20 + 5 * i))),
    )
    lab.hold(
      left.every(({ code }) => code === 'TimeoutError'),
      `a caller was told ${left.find(({ code }) => code !== 'TimeoutError')?.code}`,
    )
    lab.hold(origin.running > 0, 'no load outlived its callers')
    origin.isDown = true
    gate.open()
    await until(() => origin.running === 0, 10_000)
    await pause(100)
    const dead = peers.filter((peer) => peer.hasEnded).length
    const health = await Promise.all(cluster.living.map((peer) => peer.tell('health')))
    return dead + health.reduce((sum, { unhandled }) => sum + unhandled.length, 0)
  },
}
