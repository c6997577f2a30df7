import type { LabCase } from '../lab/case.ts'
import { pause, until } from '../lab/pause.ts'
import { nowMs, Samples } from '../lab/samples.ts'
import type { Toxic } from '../proxy/toxic.ts'

const timeoutMs = 500

/** A peer that takes connections, and never answers. */
export const a2: LabCase = {
  id: 'A2',
  title: 'A peer is stopped (SIGSTOP)',
  does: 'One of five processes is stopped while the others have traffic: the kernel still takes connections in its name. Gets of its keys end at the deadline, then it is left alone, and nobody pays for it any more. Then it goes on.',
  metric: 'requests that it was sent, once it was left alone',
  bound: { atMost: 0 },
  runs: 20,
  shortRuns: 1,
  async run(lab) {
    const cluster = await lab.cluster({ proxied: true, settings: { pool: { timeoutMs } } })
    const stopped = cluster.peer(4)
    const others = cluster.peers.slice(0, 4)
    await cluster.warmUp()
    const stats = () => Promise.all(others.map((peer) => peer.tell('poolStats')))
    const isOut = async () => (await stats()).every(({ peers }) => peers.some((peer) => peer.isOut))
    let asked = 0
    const count: Toxic = () => ({
      *chunk(bytes) {
        // What is not a probe, which asks for no value.
        if (bytes.includes('/values')) asked++
        yield bytes
      },
    })
    cluster.proxy(4).add(count, { direction: 'up' })
    const began = nowMs()
    for (const [i, peer] of others.entries()) {
      await peer.tell('startTraffic', { perSecond: 50, prefix: 'key-', keys: 1e6, seed: lab.seed * 10 + i })
    }
    await pause(2000)
    const stoppedAt = nowMs()
    stopped.stop()
    const openedMs = await until(isOut, 30_000)
    lab.hold(openedMs < 30_000, 'it was never left alone')
    lab.note('ms until it is left alone by all', openedMs)
    // What set out before still ends.
    await pause(2 * timeoutMs)
    const leftAloneAt = nowMs()
    const before = asked
    await pause(lab.short ? 3000 : 6000)
    const paid = asked - before
    const resumedAt = nowMs()
    stopped.resume()
    const served = (await stopped.tell('stats')).serverRequests
    const isServing = async () => (await stopped.tell('stats')).serverRequests > served
    lab.note('ms until it serves again', await until(isServing, 30_000))
    await pause(1000)
    const all = new Samples(await Promise.all(others.map((peer) => peer.tell('stopTraffic'))))
    lab.hold(all.failed.length === 0, `failed gets: ${all.complaints}`)
    // A short run says nothing of a machine that is busy with other things.
    lab.hold(
      all.slowestMs < (lab.short ? 30_000 : 10 * timeoutMs),
      `the slowest get took ${all.slowestMs} ms`,
    )
    lab.note('p99 of a get, all healthy, ms', all.between(began, stoppedAt).quantileMs(0.99))
    lab.note('p99 until it is left alone, ms', all.between(stoppedAt, leftAloneAt).quantileMs(0.99))
    lab.note('p99 while it is left alone, ms', all.between(leftAloneAt, resumedAt).quantileMs(0.99))
    lab.plot({
      title: 'A get while one of five peers is stopped',
      x: 'seconds',
      y: 'ms',
      logY: true,
      series: [{ name: 'get', points: all.points(began) }],
      marks: [
        { at: (stoppedAt - began) / 1000, label: 'stopped' },
        { at: (resumedAt - began) / 1000, label: 'goes on' },
      ],
    })
    return paid
  },
}
