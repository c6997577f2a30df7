import type { Placement } from './placement.ts'

/** A node as its tables see it. Nodes come in rising order of names, and their place in it is their number. */
export interface RingNode {
  readonly name: string
  readonly points: number
}

/** All points of a ring, sorted. Where points collide the node with the greatest name comes first, and so wins. */
export interface Circle {
  readonly points: Float64Array
  /** The number of the node of each point. */
  readonly owners: Uint32Array
  /** The place of the first point that is not below `fraction`, or else of the first one. */
  find(fraction: number): number
}

/**
 * Sorts the points of the nodes.
 *
 * An index by equal parts of the circle leads to one or two points, and what is done among those is binary search and
 * merge sort, so that points which crowd into one part cost a logarithm and no more.
 */
export function circleOf(nodes: readonly RingNode[], placement: Placement): Circle {
  const count = nodes.reduce((sum, { points }) => sum + points, 0)
  const unsorted = new Float64Array(count)
  const nodeOf = new Uint32Array(count)
  const parts = 2 ** (32 - Math.clz32(count))
  // Part -> how many points are in it, then the place behind the last, then of the first. One entry more than parts.
  const index = new Uint32Array(parts + 1).fill(count, parts)
  let filled = 0
  for (const [node, { name, points }] of nodes.entries()) {
    const pointAt = placement(name)
    for (let i = 0; i < points; i++, filled++) {
      unsorted[filled] = pointAt(i)
      nodeOf[filled] = node
      index[Math.floor(unsorted[filled]! * parts)]!++
    }
  }
  for (let part = 1; part < parts; part++) index[part]! += index[part - 1]!
  const order = new Uint32Array(count)
  for (let i = 0; i < count; i++) order[--index[Math.floor(unsorted[i]! * parts)]!] = i
  for (let part = 0; part < parts; part++) {
    const [start, end] = [index[part]!, index[part + 1]!]
    if (end - start > 1) order.subarray(start, end).sort((a, b) => unsorted[a]! - unsorted[b]! || b - a)
  }
  const points = new Float64Array(order).map((i) => unsorted[i]!)
  return {
    points,
    owners: order.map((i) => nodeOf[i]!),
    find(fraction) {
      const part = Math.floor(fraction * parts)
      let low = index[part]!
      let high = index[part + 1]!
      while (low < high) {
        const middle = (low + high) >>> 1
        if (points[middle]! < fraction) low = middle + 1
        else high = middle
      }
      return low < count ? low : 0
    },
  }
}
