import type { LabCase } from '../lab/case.ts'

/** Memory as it is, against memory as it is accounted for. */
export const d13: LabCase = {
  id: 'D13',
  title: 'Memory follows the account',
  does: 'A process is filled with values of 100 to 8,000 bytes, from its origin and from peers, until it accounts for 24 MiB. After a collection, its heap and buffers have grown by no more than 1.3 times that: nothing small pins anything large.',
  metric: 'growth of heap and buffers, per byte accounted for',
  bound: { atMost: 1.3 },
  runs: 5,
  shortRuns: 1,
  async run(lab) {
    const cluster = await lab.cluster({
      size: 2,
      origin: { sizeOf: (key) => 100 + ((Number(key.split('-')[1]) * 7919) % 7900) },
      settings: { group: { hot: { share: 0.5 } }, pool: { timeoutMs: 10_000 } },
      start: { execArgv: ['--expose-gc'] },
    })
    const peer = cluster.peer(0)
    const used = async () => {
      // More than once: what the first one finalizes only the second one frees.
      for (let i = 0; i < 3; i++) await peer.tell('collect')
      const { heapUsed, arrayBuffers, rss } = await peer.tell('health')
      return { held: heapUsed + arrayBuffers, rss }
    }
    await peer.tell(
      'getEach',
      Array.from({ length: 200 }, (_, i) => `warm-${i}`),
    )
    const before = await used()
    const start = (await peer.tell('health')).bytes
    let bytes = 0
    for (let from = 0; bytes < 24 * 2 ** 20 && from < 20_000; from += 500) {
      await peer.tell(
        'getEach',
        Array.from({ length: 500 }, (_, i) => `key-${from + i}`),
      )
      bytes = (await peer.tell('health')).bytes - start
    }
    lab.hold(bytes >= 8 * 2 ** 20, `it never accounted for more than ${bytes} bytes`)
    const after = await used()
    lab.note('accounted for, MiB', bytes / 2 ** 20)
    lab.note('growth of RSS, per byte accounted for', (after.rss - before.rss) / bytes)
    return (after.held - before.held) / bytes
  },
}
