import type { Cluster } from '../cluster.ts'
import type { Lab, LabCase } from '../lab/case.ts'
import { pause } from '../lab/pause.ts'
import { nowMs, Samples } from '../lab/samples.ts'
import { bandwidth, latency, limitData, resetPeer, slicer, timeout } from '../proxy/toxics/index.ts'

const keys = 300
/** Processes stamp their samples with clocks of their own. */
const clockErrorMs = 30

/** A removal that had ended, and of which everybody was told. */
interface Removal {
  readonly key: number
  readonly version: number
  readonly endedAt: number
}

/** All of it, for a long time. */
export const d17: LabCase = {
  id: 'D17',
  title: 'Soak: random faults, kills and removals under traffic',
  does: 'Five processes behind fault proxies have traffic over 300 keys, which are written and removed all the time, while something random happens every few hundred milliseconds: slow, thin, sliced, cut, reset or silent connections, a stopped process, a killed one that comes back. Every answer is held against the history of its key.',
  metric: 'gets that failed, or were wrong or stale',
  bound: { atMost: 0 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    const cluster = await lab.cluster({
      proxied: true,
      settings: { group: { maxBytes: 2 * 2 ** 20, ttlMs: 20_000 }, pool: { timeoutMs: 500 } },
      start: { execArgv: ['--expose-gc'] },
    })
    const soak = new Soak(lab, cluster)
    return soak.run(lab.short ? 20_000 : 600_000)
  },
}

class Soak {
  readonly #lab: Lab
  readonly #cluster: Cluster
  readonly #began = nowMs()
  readonly #removals: Removal[] = []
  readonly #samples: Samples[] = []
  readonly #marks: { at: number; label: string }[] = []
  readonly #memory: {
    readonly rss: [number, number][]
    readonly bytes: [number, number][]
    readonly heap: [number, number][]
  }[]
  readonly #loads: [number, number][] = []
  #attempts = 0
  #faults = 0
  #isOver = false
  #starts = 0

  constructor(lab: Lab, cluster: Cluster) {
    this.#lab = lab
    this.#cluster = cluster
    this.#memory = cluster.peers.map(() => ({ rss: [], bytes: [], heap: [] }))
  }

  async run(ms: number): Promise<number> {
    const { peers } = this.#cluster
    await Promise.all(peers.map((_, i) => this.#startTraffic(i)))
    const end = nowMs() + ms
    const writing = this.#write()
    const watching = this.#watch()
    while (nowMs() < end) await this.#fault()
    this.#isOver = true
    await Promise.all([writing, watching])
    for (const proxy of this.#cluster.proxies) proxy.heal()
    await pause(1000)
    for (const peer of peers) this.#samples.push(new Samples([await peer.tell('stopTraffic')]))
    return this.#judge()
  }

  async #startTraffic(index: number): Promise<void> {
    const seed = this.#lab.seed * 1000 + ++this.#starts
    const traffic = { perSecond: 60, prefix: 'key-', keys, seed, skew: 0.8 }
    await this.#cluster.peer(index).tell('startTraffic', traffic)
  }

  /** Gives keys new values and removes the old ones, ten times a second. */
  async #write(): Promise<void> {
    const running = new Set<Promise<void>>()
    while (!this.#isOver) {
      const one = this.#writeOne().catch(() => {})
      running.add(one)
      void one.then(() => running.delete(one))
      await pause(100)
    }
    await Promise.all(running)
  }

  async #writeOne(): Promise<void> {
    const key = this.#below(keys)
    const version = this.#cluster.origin.write(`key-${key}`)
    this.#attempts++
    const { code } = (await this.#cluster.peer(this.#below(5)).tell('remove', [`key-${key}`])) ?? {
      code: 'gone',
    }
    if (code === undefined) this.#removals.push({ key, version, endedAt: nowMs() })
  }

  async #fault(): Promise<void> {
    const { random } = this.#lab
    this.#faults++
    const index = this.#below(5)
    const proxy = this.#cluster.proxy(index)
    const peer = this.#cluster.peer(index)
    const what = random()
    const mark = (label: string) =>
      this.#marks.push({ at: (nowMs() - this.#began) / 1000, label: `${label} ${index + 1}` })
    if (what < 0.08) {
      mark('kill')
      this.#samples.push(new Samples([await peer.tell('stopTraffic')]))
      await peer.kill()
      await pause(200 + 1000 * random())
      await this.#cluster.restart(index)
      await this.#startTraffic(index)
    } else if (what < 0.16) {
      mark('stop')
      peer.stop()
      await pause(300 + 1200 * random())
      peer.resume()
    } else {
      const toxics = [
        latency(100, 100),
        bandwidth(2000),
        slicer(10, { delayMs: 1 }),
        limitData(this.#below(600)),
        resetPeer(),
        timeout(0),
      ]
      const heal = proxy.add(toxics[this.#below(toxics.length)] as (typeof toxics)[0], {
        direction: random() < 0.5 ? 'up' : 'down',
        probability: 0.3 + 0.7 * random(),
      })
      await pause(200 + 800 * random())
      heal()
      // What a cut connection was about to say is lost with it.
      if (random() < 0.3) proxy.cut()
    }
    await pause(200 * random())
  }

  /** Notes how the processes are, every second. */
  async #watch(): Promise<void> {
    let before = { at: 0, loads: 0 }
    while (!this.#isOver) {
      await pause(this.#lab.short ? 1000 : 5000)
      const at = (nowMs() - this.#began) / 1000
      const loads = this.#cluster.origin.loads.length
      this.#loads.push([at, (loads - before.loads) / (at - before.at)])
      before = { at, loads }
      await Promise.all(
        this.#cluster.peers.map(async (peer, i) => {
          try {
            this.#samples.push(new Samples([await peer.tell('takeSamples')]))
            await peer.tell('collect')
            const { rss, bytes, heapUsed } = await peer.tell('health')
            this.#memory[i]?.rss.push([at, rss / 2 ** 20])
            this.#memory[i]?.bytes.push([at, bytes / 2 ** 20])
            this.#memory[i]?.heap.push([at, heapUsed / 2 ** 20])
          } catch {
            // It was killed meanwhile.
          }
        }),
      )
    }
  }

  async #judge(): Promise<number> {
    const lab = this.#lab
    const all = new Samples(this.#samples.map((one) => one.all))
    const byKey = new Map<number, Removal[]>()
    for (const removal of this.#removals) {
      byKey.set(removal.key, [...(byKey.get(removal.key) ?? []), removal])
    }
    let stale = 0
    for (const [beganAt, , outcome, key, version] of all.all) {
      if (outcome !== 'ok') continue
      const isStale = byKey
        .get(key)
        ?.some((removal) => removal.endedAt + clockErrorMs < beganAt && removal.version > version)
      if (isStale === true) stale++
    }
    lab.hold(stale === 0, `${stale} stale gets`)
    lab.hold(all.failed.length === 0, `failed gets: ${all.complaints}`)
    lab.note('gets', all.all.length)
    lab.note('removals', this.#attempts)
    lab.note('removals of which everybody was told', this.#removals.length)
    lab.note('slowest get, ms', all.slowestMs)
    lab.note('faults', this.#faults)
    lab.hold(all.slowestMs < 5000, `the slowest get took ${all.slowestMs} ms`)
    const last = await Promise.all(this.#cluster.peers.map((peer) => peer.tell('health')))
    lab.note(
      'sockets and servers of a process at the end, at most',
      Math.max(
        ...last.map(({ resources }) =>
          Object.entries(resources)
            .filter(([kind]) => /TCP/.test(kind))
            .reduce((sum, [, count]) => sum + count, 0),
        ),
      ),
    )
    lab.note('RSS of a process at the end, MiB', Math.max(...last.map(({ rss }) => rss)) / 2 ** 20)
    const slopes = this.#memory.map(({ heap }) => slope(heap.slice(Math.floor(heap.length / 4))))
    if (!lab.short) lab.note('growth of the heap, MiB an hour, at most', Math.max(...slopes) * 3600)
    lab.plot({
      title: 'A get, while all kinds of things happen',
      x: 'seconds',
      y: 'ms',
      logY: true,
      series: [{ name: 'get', points: all.points(this.#began) }],
      marks: this.#marks,
    })
    lab.plot({
      title: 'Loads at the origin',
      x: 'seconds',
      y: 'loads per second',
      series: [{ name: 'loads', points: this.#loads }],
    })
    lab.plot({
      title: 'Memory of the first process',
      x: 'seconds',
      y: 'MiB',
      series: [
        { name: 'RSS', points: this.#memory[0]?.rss ?? [] },
        { name: 'heap', points: this.#memory[0]?.heap ?? [] },
        { name: 'accounted for', points: this.#memory[0]?.bytes ?? [] },
      ],
    })
    return all.failed.length + stale
  }

  #below(limit: number): number {
    return Math.floor(limit * this.#lab.random())
  }
}

/** The slope of the line through some points that fits best. */
function slope(points: readonly (readonly [number, number])[]): number {
  const n = points.length
  if (n < 3) return 0
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  return above / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
}
