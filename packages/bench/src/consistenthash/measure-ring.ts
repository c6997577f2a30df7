import { type Measurement, rate } from '../harness/index.ts'
import type { MakeRing } from './contestants/ring.ts'
import type { Task } from './task.ts'

export function measureRing(makeRing: MakeRing, { nodes, keys }: Task): Measurement {
  const build = fastest(5, () => makeRing(nodes).get('first'))
  const ring = makeRing(nodes)
  ring.get('first')
  let bytes = 0
  const get = rate(() => {
    for (let i = 0; i < keys.length; i++) bytes += ring.get(keys[i]!).length
    return keys.length
  })
  if (!(bytes > 0)) throw new Error('expected owners')
  let added = 0
  const add = fastest(10, () => {
    ring.add(`http://10.1.0.${added++}:8080`)
    ring.get('first')
  })
  return { get, build, add }
}

/** The least time of a few, in milliseconds; fewer when it takes long. */
function fastest(times: number, work: () => unknown): number {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0, spent = 0; i < times && spent < 1000; i++) {
    const start = performance.now()
    work()
    const elapsed = performance.now() - start
    spent += elapsed
    least = Math.min(least, elapsed)
  }
  return least
}
