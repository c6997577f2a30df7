import type { LabCase } from '../lab/case.ts'

/** Memory as it is, against memory as it is accounted for. */
export const d13: LabCase = {
  id: 'D13',
  title: 'Memory follows the account',
  does: 'A process is given thousands of values of 100 to 8,000 bytes, half of them by a peer. After a collection, its heap and buffers have grown by no more than 1.3 times that: nothing small pins anything large.',
  metric: 'growth of heap and buffers, per byte accounted for',
  bound: { atMost: 1.3 },
  runs: 5,
  shortRuns: 1,
  async run(lab) {
    const cluster = await lab.cluster({
      size: 2,
      settings: { pool: { timeoutMs: 60_000 } },
      start: { execArgv: ['--expose-gc'] },
    })
    const peer = cluster.peer(0)
    const used = async () => {
      // More than once: what the first one finalizes only the second one frees.
      for (let i = 0; i < 3; i++) await peer.tell('collect')
      const { heapUsed, arrayBuffers, rss, bytes } = await peer.tell('health')
      return { held: heapUsed + arrayBuffers, rss, bytes }
    }
    const fill = async (from: number, to: number) => {
      const keys = all.slice(from, to)
      // Half of it comes through the network, in buffers that are larger than what is in them.
      const half = keys.length / 2
      const sizes = keys.map(() => 100 + Math.floor(7900 * lab.random() ** 2))
      await cluster.peer(1).tell('setEach', keys.slice(0, half), sizes.slice(0, half))
      await peer.tell('setEach', keys.slice(half), sizes.slice(half))
    }
    const count = lab.short ? 4000 : 12_000
    const all = cluster.keysOf(0, count + 400, 'key-')
    await fill(0, 400)
    const before = await used()
    await fill(400, all.length)
    const after = await used()
    const bytes = after.bytes - before.bytes
    lab.hold(bytes >= 1000 * count, `it accounts for ${bytes} bytes only`)
    lab.note('accounted for, MiB', bytes / 2 ** 20)
    lab.note('growth of RSS, per byte accounted for', (after.rss - before.rss) / bytes)
    return (after.held - before.held) / bytes
  },
}
