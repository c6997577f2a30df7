import { isDeepStrictEqual } from 'node:util'
import { Group } from '@geecache/core'
import { linkTo } from '../lab/caller.ts'
import type { LabCase } from '../lab/case.ts'
import { serve } from '../lab/serve.ts'
import type { Random } from '../proxy/random.ts'

/** Names that the packages use for what they wrap values in. */
const names = ['value', 'bytes', 'ttlMs', 'qps', 'absence', 'code', 'message', 'error', 'keys', 'round']
const scalars = [null, true, false, 0, -1, 0.5, '', 'x', 'undefined', 'Infinity', '{"value":1}']

/** Values that look like what values are wrapped in. */
export const c16: LabCase = {
  id: 'C16',
  title: 'Values that look like the envelope they travel in',
  does: 'Getters return null, false, empty strings, lists, and objects full of value, bytes, ttlMs, code, message and error, nested at random. Each comes back as it is, where it was loaded and from another process, alone and in a batch.',
  metric: 'values that changed',
  bound: { atMost: 0 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    const values = new Map<string, unknown>()
    const options = { name: 'values', maxBytes: 16 * 2 ** 20 }
    const owner = new Group<unknown>({ ...options, getter: (key) => values.get(key) })
    const caller = new Group<unknown>({ ...options, getter: () => 'from here' })
    const { url } = lab.use(await serve(owner))
    const { nextKey } = lab.use(linkTo(url, caller, { timeoutMs: 10_000 }))
    const total = lab.short ? 2000 : 20_000
    let changed = 0
    for (let done = 0; done < total; done += 100) {
      const keys = Array.from({ length: 100 }, () => nextKey())
      for (const key of keys) values.set(key, someValue(lab.random, 3))
      const isAlone = done % 500 === 0
      const fetched: unknown[] = []
      if (isAlone) for (const key of keys) fetched.push(await caller.get(key))
      else for (const one of await caller.getMany(keys)) fetched.push(one.status === 'fulfilled' && one.value)
      for (const [i, key] of keys.entries()) {
        const value = values.get(key)
        if (!isDeepStrictEqual(fetched[i], value)) changed++
        if (!isDeepStrictEqual(await owner.get(key), value)) changed++
      }
      values.clear()
    }
    lab.note('values', total)
    return changed
  },
}

function someValue(random: Random, depth: number): unknown {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const kind = random()
  if (depth === 0 || kind < 0.3) return pick(scalars)
  if (kind < 0.5) return Array.from({ length: 3 * random() }, () => someValue(random, depth - 1))
  const value: Record<string, unknown> = {}
  for (let i = 0; i < 3; i++) value[pick(names)] = someValue(random, depth - 1)
  return value
}
