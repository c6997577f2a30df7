import { violations } from '../invariants.ts'
import type { LabCase } from '../lab/case.ts'
import { Skipped } from '../lab/case.ts'
import { pause, until } from '../lab/pause.ts'
import { nowMs, Samples } from '../lab/samples.ts'
import { openNetns } from '../netns.ts'
import { Origin } from '../origin.ts'
import { PeerProcess } from '../peer-process.ts'

const timeoutMs = 500
const port = 7946

/** A partition that only one side notices. */
export const a10: LabCase = {
  id: 'A10',
  title: 'Half-open partition: packets to four of five peers are lost, one way',
  does: 'Five processes in network namespaces; one loses its way back to all others (blackhole routes): their requests reach it, its answers vanish without a reset. Gets go on elsewhere; when the route is back, it is asked again.',
  metric: 'failed gets',
  bound: { atMost: 0 },
  runs: 20,
  shortRuns: 1,
  async run(lab) {
    const net = openNetns(5)
    if (typeof net === 'string') throw new Skipped(net)
    lab.use(net)
    const origin = lab.use(await Origin.start({ host: net.gateway }))
    const peers = await Promise.all(
      net.addresses.map((host, i) =>
        PeerProcess.start(
          { originUrl: origin.url, host, port, pool: { timeoutMs } },
          { netns: net.names[i] as string },
        ),
      ),
    )
    for (const peer of peers) lab.use(peer)
    const urls = peers.map(({ url }) => url)
    await Promise.all(peers.map((peer) => peer.tell('setPeers', urls)))
    const began = nowMs()
    for (const [i, peer] of peers.entries()) {
      await peer.tell('startTraffic', { perSecond: 60, prefix: 'key-', keys: 1e6, seed: lab.seed * 10 + i })
    }
    await pause(1500)
    const cutAt = nowMs()
    for (let other = 0; other < 4; other++) net.blackhole(4, other)
    const lost = urls[4]
    const isOut = async (peer: PeerProcess) => {
      const { peers: known } = await peer.tell('poolStats')
      return known.find(({ url }) => url === lost)?.isOut === true
    }
    const all = async (state: boolean) =>
      (await Promise.all(peers.slice(0, 4).map(isOut))).every((out) => out === state)
    lab.note('ms until it is left alone by all', await until(() => all(true), 10_000))
    await pause(lab.short ? 1000 : 4000)
    const healedAt = nowMs()
    for (let other = 0; other < 4; other++) net.heal(4, other)
    lab.note('ms until it is asked again by all', await until(() => all(false), 20_000))
    await pause(1000)
    const samples = new Samples(await Promise.all(peers.map((peer) => peer.tell('stopTraffic'))))
    for (const complaint of await violations(peers)) lab.hold(false, complaint)
    lab.hold(samples.failed.length === 0, `failed gets: ${samples.complaints}`)
    lab.note('slowest get, ms', samples.slowestMs)
    lab.plot({
      title: 'A get while one of five peers is half cut off',
      x: 'seconds',
      y: 'ms',
      logY: true,
      series: [{ name: 'get', points: samples.points(began) }],
      marks: [
        { at: (cutAt - began) / 1000, label: 'cut' },
        { at: (healedAt - began) / 1000, label: 'healed' },
      ],
    })
    return samples.failed.length
  },
}
