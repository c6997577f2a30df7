import type { LabCase } from '../lab/case.ts'
import { pause } from '../lab/pause.ts'
import { nowMs, Samples } from '../lab/samples.ts'

/** A rolling restart. */
export const d5: LabCase = {
  id: 'D5',
  title: 'Rolling restart of five peers under traffic',
  does: 'Each of five processes in turn is taken off the others’ lists, stops gracefully, starts anew at its address and comes back on the lists, while all that run have traffic over 1,000 keys.',
  metric: 'failed gets',
  bound: { atMost: 0 },
  runs: 20,
  shortRuns: 1,
  async run(lab) {
    const cluster = await lab.cluster({ proxied: true, settings: { pool: { timeoutMs: 2000 } } })
    const traffic = { perSecond: 50, prefix: 'key-', keys: 1000 }
    const samples: Samples[] = []
    const began = nowMs()
    const marks: { at: number; label: string }[] = []
    for (const [i, peer] of cluster.peers.entries()) {
      await peer.tell('startTraffic', { ...traffic, seed: lab.seed * 10 + i })
    }
    await pause(lab.short ? 1500 : 4000)
    const warmLoads = cluster.origin.loads.length
    for (let i = 0; i < 5; i++) {
      const peer = cluster.peer(i)
      marks.push({ at: (nowMs() - began) / 1000, label: `restart ${i + 1}` })
      // Its clients are sent elsewhere first, as a load balancer does.
      samples.push(new Samples([await peer.tell('stopTraffic')]))
      const rest = cluster.urls.filter((url) => url !== peer.url)
      await Promise.all(
        cluster.peers.filter((other) => other !== peer).map((other) => other.tell('setPeers', rest)),
      )
      lab.note('ms of a graceful stop', await peer.tell('leave'))
      await peer.kill()
      const fresh = await cluster.restart(i)
      await cluster.introduce()
      await fresh.tell('startTraffic', { ...traffic, seed: lab.seed * 100 + i })
      await pause(lab.short ? 500 : 2000)
    }
    samples.push(new Samples(await Promise.all(cluster.peers.map((peer) => peer.tell('stopTraffic')))))
    const all = new Samples(samples.map((one) => one.all))
    lab.hold(all.failed.length === 0, `failed gets: ${all.complaints}`)
    lab.note('gets', all.all.length)
    lab.note('slowest get, ms', all.slowestMs)
    lab.note('loads while warm, per key', warmLoads / 1000)
    lab.note('loads for five restarts, per key', (cluster.origin.loads.length - warmLoads) / 1000)
    lab.plot({
      title: 'A get during a rolling restart',
      x: 'seconds',
      y: 'ms',
      logY: true,
      series: [{ name: 'get', points: all.points(began) }],
      marks,
    })
    return all.failed.length
  },
}
