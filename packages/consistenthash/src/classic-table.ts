import { check } from './check.ts'
import type { RingNode, RingTable } from './ring-table.ts'

/** The classic ring: a key belongs to the first point that is not below its hash. Hashes are fractions of the circle. */
export function classicTable(
  nodes: readonly RingNode[],
  hash: (text: string) => number,
  label: (name: string, index: number) => string,
): RingTable {
  const count = nodes.reduce((sum, { points }) => sum + points, 0)
  const unsorted = new Float64Array(count)
  let filled = 0
  for (const { name, points } of nodes) {
    for (let i = 0; i < points; i++) {
      const point = hash(label(name, i))
      check(point >= 0, 'hash must return an integer', point)
      unsorted[filled++] = point
    }
  }
  const points = unsorted.slice().sort()

  // The circle in equal parts, as many as there are points: part -> the place of its first point. It leads a search to
  // one or two points; where they crowd, it is a binary search.
  const parts = 2 ** (32 - Math.clz32(count))
  const index = new Uint32Array(parts + 1)
  for (const point of points) index[Math.floor(point * parts) + 1]!++
  for (let part = 1; part <= parts; part++) index[part]! += index[part - 1]!
  /** The place of the first point that is not below `fraction`, or else of the first one. */
  const find = (fraction: number) => {
    const part = Math.floor(fraction * parts)
    let low = index[part]!
    let high = index[part + 1]!
    while (low < high) {
      const middle = (low + high) >>> 1
      if (points[middle]! < fraction) low = middle + 1
      else high = middle
    }
    return low < count ? low : 0
  }

  // Of equal points the greatest node's comes first. `taken` counts, at the first of them, how many have their node.
  const owners = new Uint32Array(count)
  const taken = new Uint32Array(count)
  for (let node = nodes.length - 1; node >= 0; node--) {
    for (let i = nodes[node]!.points; i > 0; i--) {
      const place = find(unsorted[--filled]!)
      owners[place + taken[place]!++] = node
    }
  }
  return {
    ownerOf: (key) => owners[find(hash(key))]!,
    walk(key, visit) {
      const first = find(hash(key))
      for (let i = 0; i < count; i++) if (visit(owners[(first + i) % count]!)) return
    },
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
