import { check } from './check.ts'
import type { HashRing } from './hash-ring.ts'

export interface BoundedLoadOptions {
  /** What a node carries now, in units of one pick: requests in flight, say. The caller counts. */
  readonly loadOf: (name: string) => number
  /** What all nodes carry together. Default: `loadOf`, summed over the nodes of the ring at each pick. */
  readonly totalLoad?: () => number
  /** How far above its fair share a node may go: a number above 1. Default: 1.25. Lower is more even and moves more keys. */
  readonly factor?: number
}

/**
 * The first node in ring order that has room for one unit of load more: consistent hashing with bounded loads
 * (Mirrokni, Thorup, Zadimoghaddam, 2016).
 *
 * Room is `factor` times the node's fair share of the load, this pick included, rounded up. With weights, the fair
 * share follows the weight. Some node always has room, so the answer is undefined on an empty ring alone.
 */
export function pickBounded(ring: HashRing, key: string, options: BoundedLoadOptions): string | undefined {
  const { loadOf, factor = 1.25 } = options
  check(factor > 1, 'factor must be a number above 1', factor)
  const total = options.totalLoad?.() ?? ring.nodes().reduce((sum, name) => sum + loadOf(name), 0)
  return ring.pick(key, (name) => loadOf(name) < Math.ceil(factor * (total + 1) * ring.fairShare(name)))
}
