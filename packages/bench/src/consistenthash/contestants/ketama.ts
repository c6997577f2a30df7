import { HashRing } from 'ketama'
import type { MakeRing } from './ring.ts'

/** 50 points a node, SHA-1. */
export const makeRing: MakeRing = (nodes) => {
  const ring = new HashRing([...nodes])
  return { get: (key) => ring.getNode(key) ?? '', add: (node) => ring.addNode(node) }
}
