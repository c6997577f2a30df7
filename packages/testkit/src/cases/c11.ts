import { Group } from '@geecache/core'
import { linkTo } from '../lab/caller.ts'
import type { LabCase } from '../lab/case.ts'
import { serve } from '../lab/serve.ts'
import type { Random } from '../proxy/random.ts'

/** Callers who write into what they got. */
export const c11: LabCase = {
  id: 'C11',
  title: 'Callers try to change the values they share',
  does: 'Every caller of a value, in the process that loaded it and in one that keeps a copy, writes into every part of it: sets, adds, deletes, shortens, redefines. No attempt does anything; what the getter keeps for itself may change, and nobody sees that either.',
  metric: 'reads of a value that somebody had changed',
  bound: { atMost: 0 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    const total = lab.short ? 1000 : 10_000
    const originals: unknown[] = []
    const options = { name: 'values', maxBytes: 64 * 2 ** 20 }
    const owner = new Group<unknown>({
      ...options,
      getter: () => {
        const value = someTree(lab.random, 3)
        originals.push(value)
        return value
      },
    })
    const caller = new Group<unknown>({ ...options, getter: () => 'from here' })
    const { url } = lab.use(await serve(owner))
    const { nextKey } = lab.use(linkTo(url, caller, { timeoutMs: 10_000 }))
    let corrupted = 0
    for (let i = 0; i < total; i++) {
      const key = nextKey()
      const before = JSON.stringify(await owner.get(key))
      for (const group of [owner, caller, caller, owner]) {
        const value = await group.get(key)
        if (JSON.stringify(value) !== before) corrupted++
        scribble(value, lab.random)
      }
      scribble(originals.pop(), lab.random)
      for (const group of [owner, caller]) if (JSON.stringify(await group.get(key)) !== before) corrupted++
    }
    lab.note('values', total)
    lab.note('values of which the other process kept a copy', caller.cacheStats('hot').items)
    return corrupted
  },
}

function someTree(random: Random, depth: number): unknown {
  if (depth === 0) return random()
  if (random() < 0.4) return Array.from({ length: 3 }, () => someTree(random, depth - 1))
  return { a: someTree(random, depth - 1), b: someTree(random, depth - 1), c: 'text' }
}

/** Writes into every part of a value. */
function scribble(value: unknown, random: Random): void {
  if (typeof value !== 'object' || value === null) return
  for (const part of Object.values(value)) scribble(part, random)
  // None of these throws for what is frozen, which would take most of the time.
  for (const name of ['a', '0', 'added']) Reflect.set(value, name, random())
  Reflect.set(value, 'length', 0)
  Reflect.deleteProperty(value, random() < 0.5 ? 'b' : '1')
  Reflect.defineProperty(value, 'c', { value: 'scribbled' })
  Reflect.setPrototypeOf(value, null)
}
