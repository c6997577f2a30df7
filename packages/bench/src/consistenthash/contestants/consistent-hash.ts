import ConsistentHash from 'consistent-hash'
import type { MakeRing } from './ring.ts'

/** 40 points a node; `uniform`, because it otherwise places them with Math.random, in each process elsewhere. */
export const makeRing: MakeRing = (nodes) => {
  const ring = new ConsistentHash({ distribution: 'uniform' })
  for (const node of nodes) ring.add(node)
  return { get: (key) => ring.get(key), add: (node) => ring.add(node) }
}
