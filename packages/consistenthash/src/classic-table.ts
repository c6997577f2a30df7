import { check } from './check.ts'
import { circleOf } from './circle.ts'
import type { RingNode, RingTable } from './ring-table.ts'

/** The classic ring: a key belongs to the first point that is not below its hash. Hashes are fractions of the circle. */
export function classicTable(
  nodes: readonly RingNode[],
  hash: (text: string) => number,
  label: (name: string, index: number) => string,
): RingTable {
  const { points, owners, find } = circleOf(nodes, (name) => (index) => {
    const point = hash(label(name, index))
    check(point >= 0, 'hash must return an integer', point)
    return point
  })
  return {
    ownerOf: (key) => owners[find(hash(key))]!,
    pointsFrom: (key) => ({ owners, start: find(hash(key)) }),
    shares() {
      const shares = new Float64Array(nodes.length)
      let before = points.at(-1)! - 1
      for (const [i, point] of points.entries()) {
        shares[owners[i]!]! += point - before
        before = point
      }
      return shares
    },
  }
}
