import type { LabCase } from '../lab/case.ts'
import { Gate, pause } from '../lab/pause.ts'
import { Samples } from '../lab/samples.ts'

const valueBytes = 2 ** 20
const running = 16
const waiting = 200

/** More work than memory. */
export const d12: LabCase = {
  id: 'D12',
  title: '10,000 different cold keys of 1 MiB at once',
  does: 'One process with a budget of 32 MiB, which runs 16 loads at a time and lets 200 wait, is asked for 10,000 different values of 1 MiB within a tenth of a second: it takes on what it may, and refuses the rest at once.',
  metric: 'growth of the peak RSS, MiB',
  bound: { atMost: 800 },
  runs: 5,
  shortRuns: 1,
  async run(lab) {
    const gate = new Gate()
    const cluster = await lab.cluster({
      size: 1,
      origin: {
        sizeOf: (key) => (key.startsWith('key-') ? valueBytes : 0),
        ready: (key) => (key.startsWith('key-') ? gate.opened : undefined),
      },
      settings: {
        group: { maxBytes: 32 * 2 ** 20, maxConcurrentLoads: running, maxQueuedLoads: waiting },
      },
    })
    const peer = cluster.peer(0)
    await peer.tell('getEach', ['warm-1', 'warm-2'])
    const before = (await peer.tell('health')).peakRss
    await peer.tell('startTraffic', { perSecond: 200_000, prefix: 'key-', keys: 1e9, seed: lab.seed })
    while ((await peer.tell('stats')).gets < 10_000) await pause(5)
    const stopping = peer.tell('stopTraffic')
    await pause(100)
    gate.open()
    const samples = new Samples([await stopping])
    const { peakRss } = await peer.tell('health')
    const answered = samples.all.length - samples.failed.length
    lab.note('gets', samples.all.length)
    lab.note('gets that were answered', answered)
    lab.hold(
      samples.failed.every(([, , outcome]) => outcome === 'overloaded'),
      `failed gets: ${samples.complaints}`,
    )
    lab.hold(answered >= running + waiting, `only ${answered} gets were answered`)
    lab.hold(answered < 2 * (running + waiting), `${answered} gets were taken on`)
    lab.hold(cluster.origin.peak <= running, `${cluster.origin.peak} loads at a time`)
    return (peakRss - before) / 2 ** 20
  },
}
