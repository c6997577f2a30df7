import HashRing from 'node-hashring'
import type { MakeRing } from './ring.ts'

/** 80 points a node, MurmurHash. */
export const makeRing: MakeRing = (nodes) => {
  const ring = new HashRing([...nodes])
  return { get: (key) => ring.findNode(key), add: (node) => ring.addNode(node) }
}
