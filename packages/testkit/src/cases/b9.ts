import type { LabCase } from '../lab/case.ts'
import { pause } from '../lab/pause.ts'
import { Samples } from '../lab/samples.ts'
import type { Toxic } from '../proxy/toxic.ts'

const [old, fresh] = ['the-old-secret-of-this-cluster', 'the-new-secret-of-this-cluster']

/** A new secret. */
export const b9: LabCase = {
  id: 'B9',
  title: 'The secret is replaced, process by process',
  does: 'Three processes under traffic are restarted one after the other, three times over: they accept the old secret and the new one, then send the new one, then accept nothing else.',
  metric: 'requests that were refused for their secret',
  bound: { atMost: 0 },
  runs: 5,
  shortRuns: 1,
  async run(lab) {
    const cluster = await lab.cluster({
      size: 3,
      proxied: true,
      settings: { pool: { secret: old, timeoutMs: 5000 } },
    })
    let refused = 0
    const count: Toxic = () => ({
      *chunk(bytes) {
        refused += bytes.toString('latin1').split('HTTP/1.1 401').length - 1
        yield bytes
      },
    })
    for (const proxy of cluster.proxies) proxy.add(count)
    const start = (index: number) =>
      cluster.peer(index).tell('startTraffic', {
        perSecond: 100,
        prefix: 'key-',
        keys: 1e6,
        seed: lab.seed * 10 + index,
      })
    await Promise.all([0, 1, 2].map(start))
    const samples: Samples[] = []
    let answered = 0
    for (const secret of [[old, fresh], [fresh, old], fresh]) {
      for (let index = 0; index < 3; index++) {
        const peer = cluster.peer(index)
        await pause(lab.short ? 200 : 1000)
        samples.push(new Samples([await peer.tell('stopTraffic')]))
        answered += (await peer.tell('stats')).peerLoads
        await peer.tell('leave')
        await peer.kill()
        await cluster.restart(index, { pool: { secret, timeoutMs: 5000 } })
        await start(index)
      }
    }
    await pause(500)
    samples.push(new Samples(await Promise.all(cluster.peers.map((peer) => peer.tell('stopTraffic')))))
    const all = new Samples(samples.map((one) => one.all))
    lab.hold(all.failed.length === 0, `failed gets: ${all.complaints}`)
    lab.hold(answered > 50, `only ${answered} gets were answered by peers`)
    lab.note('gets', all.all.length)
    return refused
  },
}
