import { Group, text } from '@geecache/core'
import type { LabCase } from '../lab/case.ts'

const maxBytes = 16 * 2 ** 20

/** More keys than memory. */
export const d10: LabCase = {
  id: 'D10',
  title: 'Millions of different keys',
  does: 'One process gets millions of different keys with values of 0 to 2,000 bytes through a group of 16 MiB. The account is read after every get.',
  metric: 'bytes accounted for, at most, per byte allowed',
  bound: { atMost: 1 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    const filling = 'x'.repeat(2000)
    const group = new Group<string>({
      name: 'many',
      maxBytes,
      codec: text(),
      getter: () => filling.slice(0, Math.floor(2000 * lab.random())),
    })
    const total = lab.short ? 100_000 : 5_000_000
    let most = 0
    let slowest = 0
    for (let i = 0; i < total; i++) {
      const began = performance.now()
      await group.get(`key-${i}`)
      // The first ones are slow because they are the first ones.
      if (i > 1000) slowest = Math.max(slowest, performance.now() - began)
      most = Math.max(most, group.cacheStats('main').bytes + group.cacheStats('hot').bytes)
    }
    lab.note('gets', total)
    lab.note('slowest get, ms (the machine’s pauses included)', slowest)
    lab.hold(most > 0.9 * maxBytes, `only ${most} bytes were ever held`)
    await group.close()
    return most / maxBytes
  },
}
