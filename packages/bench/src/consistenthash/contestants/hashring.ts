import HashRing from 'hashring'
import type { MakeRing } from './ring.ts'

/** 160 points a node, MD5; remembers the owners of the last 5,000 keys. */
export const makeRing: MakeRing = (nodes) => {
  const ring = new HashRing([...nodes])
  return { get: (key) => ring.get(key), add: (node) => ring.add(node) }
}
