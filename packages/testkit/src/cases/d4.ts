import { HTTPPool } from '@geecache/http'
import type { LabCase } from '../lab/case.ts'

const self = 'http://peer-0.local:8001'
const keys = Array.from({ length: 200 }, (_, i) => `key-${i}`)

/** Lists of peers that say the same. */
export const d4: LabCase = {
  id: 'D4',
  title: 'The list of peers is empty, in another order, or names some twice',
  does: 'One and the same set of peers, from one to thirty, is given in random orders, with some of them repeated in other spellings, after random other lists: each key has the same owner every time. Without any peers this process owns all.',
  metric: 'owners that differed',
  bound: { atMost: 0 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    const total = lab.short ? 100 : 3000
    const below = (limit: number) => Math.floor(limit * lab.random())
    const shuffled = (list: readonly string[]) =>
      [...list]
        .map((url) => [lab.random(), url] as const)
        .sort(([a], [b]) => a - b)
        .map(([, url]) => url)
    const spelled = (url: string) => (lab.random() < 0.5 ? url : `${url.toUpperCase()}/`)
    let differences = 0
    for (let list = 0; list < total; list++) {
      const urls = [self, ...Array.from({ length: below(30) }, (_, i) => `http://peer-${i + 1}.local:8001`)]
      const [one, other] = [new HTTPPool(self), new HTTPPool(self)]
      one.set(...urls)
      other.set(self, ...shuffled(urls).slice(0, below(urls.length)))
      other.set(...shuffled([...urls, ...urls.filter(() => lab.random() < 0.3).map(spelled)]))
      for (const key of keys) {
        if (one.pickPeer(key)?.name !== other.pickPeer(key)?.name) differences++
      }
      other.set()
      for (const key of keys) if (other.pickPeer(key) !== undefined || !other.owns(key)) differences++
      await Promise.all([one.close(), other.close()])
    }
    lab.note('lists', total)
    return differences
  },
}
