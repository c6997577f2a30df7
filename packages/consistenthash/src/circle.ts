import type { RingNode } from './ring-table.ts'

/** All points of a ring, sorted. Of equal ones, that of the node with the greatest number comes first. */
export interface Circle {
  readonly points: Float64Array
  /** The number of the node of each point. */
  readonly owners: Uint32Array
  /** The place of the first point that is not below `fraction`, or else of the first one. */
  find(fraction: number): number
}

/** Where on the circle, from 0 up to 1, the points of a node are. */
type PointsOf = (name: string) => (index: number) => number

/**
 * Sorts the points of the nodes: by equal parts of the circle, as many as there are points, and then in each part.
 *
 * The parts stay as an index that leads a search to one or two points. Points that crowd into few parts cost a binary
 * search and a longer sort, no more.
 */
export function circleOf(nodes: readonly RingNode[], pointsOf: PointsOf): Circle {
  const count = nodes.reduce((sum, { points }) => sum + points, 0)
  const parts = 2 ** (32 - Math.clz32(count))
  const unsorted = new Float64Array(count)
  // Part -> how many points it has; then the place behind its last point; then the place of its first.
  const index = new Uint32Array(parts + 1)
  let filled = 0
  for (const { name, points } of nodes) {
    const pointAt = pointsOf(name)
    for (let i = 0; i < points; i++, filled++) {
      unsorted[filled] = pointAt(i)
      index[Math.floor(unsorted[filled]! * parts)]!++
    }
  }
  for (let part = 1; part <= parts; part++) index[part]! += index[part - 1]!
  const points = new Float64Array(count)
  const owners = new Uint32Array(count)
  for (let node = nodes.length - 1; node >= 0; node--) {
    for (let i = nodes[node]!.points; i > 0; i--) {
      const point = unsorted[--filled]!
      const place = --index[Math.floor(point * parts)]!
      points[place] = point
      owners[place] = node
    }
  }
  for (let part = 0; part < parts; part++) sortPart(points, owners, index[part]!, index[part + 1]!)
  return {
    points,
    owners,
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

/** Shell's sort of points and their owners from `start` to `end`, most often two or three of them, in place. */
function sortPart(points: Float64Array, owners: Uint32Array, start: number, end: number): void {
  let gap = 1
  while (gap < (end - start) / 9) gap = gap * 3 + 1
  for (; gap > 0; gap = Math.floor(gap / 3)) {
    for (let i = start + gap; i < end; i++) {
      const point = points[i]!
      const owner = owners[i]!
      let to = i
      for (let from = i - gap; from >= start; to = from, from -= gap) {
        if (points[from]! < point || (points[from] === point && owners[from]! >= owner)) break
        points[to] = points[from]!
        owners[to] = owners[from]!
      }
      points[to] = point
      owners[to] = owner
    }
  }
}
