import { goRing, HashRing, type HashRingOptions } from '@geecache/consistenthash'
import type { MakeRing } from './ring.ts'

export const balanced: MakeRing = maker({})
export const seeded: MakeRing = maker({ seed: 'a secret of the cluster' })
export const likeGo: MakeRing = maker(goRing)

function maker(options: HashRingOptions): MakeRing {
  return (nodes) => {
    const ring = new HashRing(options).add(...nodes)
    return { get: (key) => ring.get(key) ?? '', add: (node) => ring.add(node) }
  }
}
