import { Group, text } from '@geecache/core'
import type { LabCase } from '../lab/case.ts'

const maxBytes = 2 ** 20

/** Values as large as the memory there is. */
export const d11: LabCase = {
  id: 'D11',
  title: 'Values of half, all and twice the budget',
  does: 'A group that is full of small values gets values of 10 to 200 % of its budget, by its getter and by set, in random order. Each caller has his value; one that can never fit is not kept and drives nobody out, and the account never exceeds the budget.',
  metric: 'small values that had to leave for one that was not kept',
  bound: { atMost: 0 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    const rounds = lab.short ? 50 : 2000
    let victims = 0
    let kept = 0
    let asked = 0
    for (let round = 0; round < rounds; round++) {
      const sizes = new Map<string, number>()
      const valueFor = (key: string) => 'x'.repeat(sizes.get(key) ?? 100)
      const group = new Group<string>({ name: 'values', maxBytes, codec: text(), getter: valueFor })
      const bytes = () => group.cacheStats('main').bytes + group.cacheStats('hot').bytes
      for (let i = 0; bytes() < 0.9 * maxBytes; i++) await group.get(`small-${i}`)
      for (let i = 0; i < 5; i++) {
        const key = `large-${i}`
        // A string of so many letters takes its bytes once and itself twice that.
        const size = Math.floor((maxBytes / 3) * (0.1 + 1.9 * lab.random()))
        sizes.set(key, size)
        const before = { items: group.cacheStats('main').items, bytes: bytes() }
        if (lab.random() < 0.3) await group.set(key, valueFor(key))
        else lab.hold((await group.get(key)).length === size, 'a value came back with another length')
        asked++
        const isKept = group.peek(key) !== undefined
        const fits = 3 * size + 2000 < maxBytes
        if (isKept) kept++
        lab.hold(isKept || !fits, `a value of ${size} letters was not kept`)
        if (!isKept) victims += before.items - group.cacheStats('main').items
        lab.hold(bytes() <= maxBytes, `${bytes()} bytes are accounted for`)
      }
      await group.close()
    }
    lab.note('large values', asked)
    lab.note('of which kept', kept)
    lab.hold(kept > asked / 10 && kept < asked, `${kept} of ${asked} large values were kept`)
    return victims
  },
}
