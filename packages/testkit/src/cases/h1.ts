import type { LabCase } from '../lab/case.ts'
import { pause, until } from '../lab/pause.ts'
import { nowMs, Samples } from '../lab/samples.ts'

/** One of five dies, and comes back. */
export const h1: LabCase = {
  id: 'H1',
  title: 'One of five peers is killed, and comes back',
  does: 'One of five processes is killed under traffic, and started again at its address 3 s later. Nobody is told of either.',
  metric: 'failed gets',
  bound: { atMost: 0 },
  runs: 20,
  shortRuns: 1,
  async run(lab) {
    const cluster = await lab.cluster({})
    const others = cluster.peers.slice(0, 4)
    await cluster.warmUp()
    const dead = cluster.urls[4] as string
    const began = nowMs()
    for (const [i, peer] of others.entries()) {
      await peer.tell('startTraffic', { perSecond: 50, prefix: 'key-', keys: 1e6, seed: lab.seed * 10 + i })
    }
    await pause(3000)
    const killedAt = nowMs()
    await cluster.peer(4).kill()
    const isOut = async (peer: (typeof others)[0]) => {
      const { peers } = await peer.tell('poolStats')
      return peers.find(({ url }) => url === dead)?.isOut === true
    }
    const out = async () => (await Promise.all(others.map(isOut))).every((one) => one)
    const openedMs = await until(out, 10_000)
    lab.hold(openedMs < 10_000, 'the dead peer was never left alone')
    lab.note('ms until the dead peer costs nothing', openedMs)
    await pause(3000)
    const backAt = nowMs()
    const back = await cluster.restart(4)
    const serves = async () => (await back.tell('stats')).serverRequests > 0
    const servesMs = await until(serves, 20_000)
    lab.hold(servesMs < 20_000, 'it was never asked again')
    lab.note('ms until it serves again, from its start', servesMs)
    await pause(lab.short ? 500 : 2000)
    const all = new Samples(await Promise.all(others.map((peer) => peer.tell('stopTraffic'))))
    const healthy = all.between(began + 1000, killedAt)
    const down = all.between(killedAt, backAt)
    lab.hold(all.failed.length === 0, `failed gets: ${all.complaints}`)
    lab.note('p50 of a get, all healthy, ms', healthy.quantileMs(0.5))
    lab.note('p50 with one peer down, ms', down.quantileMs(0.5))
    lab.note('p99 of a get, all healthy, ms', healthy.quantileMs(0.99))
    lab.note('p99 with one peer down, ms', down.quantileMs(0.99))
    lab.plot({
      title: 'A get while one of five peers is killed and comes back',
      x: 'seconds',
      y: 'ms',
      logY: true,
      series: [{ name: 'get', points: all.points(began) }],
      marks: [
        { at: (killedAt - began) / 1000, label: 'killed' },
        { at: (backAt - began) / 1000, label: 'started' },
      ],
    })
    return all.failed.length
  },
}
