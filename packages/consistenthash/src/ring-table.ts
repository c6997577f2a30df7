import { type Circle, circleOf, type RingNode } from './circle.ts'
import type { ResolvedOptions } from './options.ts'

/** Who owns what, for one set of nodes. It is made from the nodes alone, whatever was before. */
export interface RingTable {
  /** The number of the node that owns a key. */
  ownerOf(key: string): number
  /** The points, sorted, and the place on them where a key's search begins. */
  circle(): Circle
  startOf(key: string): number
  /** The part of the hash space of each node, by number. */
  shares(): Float64Array
}

/** The classic ring: a key belongs to the first point that is not below its hash. */
export function classicTable(
  nodes: readonly RingNode[],
  { placement, fractionOf }: ResolvedOptions,
): RingTable {
  const circle = circleOf(nodes, placement)
  const { points, owners, find } = circle
  const startOf = (key: string) => find(fractionOf(key))
  return {
    ownerOf: (key) => owners[startOf(key)]!,
    circle: () => circle,
    startOf,
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

/** Parts of the hash space that have one owner each. 2^18 keep the shares even up to some thousand nodes. */
const SLOT_BITS = 18

/**
 * The balanced ring: a classic one whose keys all stand at the start of their slot, which is named by the upper bits of
 * the hash.
 *
 * So a table of slots answers, and the points need not be sorted for it: a slot belongs to the lowest point in it, or
 * goes with the next slot. That is why a node can have the thousands of points that make shares even. Sorted points
 * are made when somebody first asks for more than the owner.
 */
export function balancedTable(nodes: readonly RingNode[], { placement, hash }: ResolvedOptions): RingTable {
  const shift = 32 - SLOT_BITS
  const lowest = new Float64Array(2 ** SLOT_BITS).fill(1)
  const slots = new (nodes.length > 0xffff ? Uint32Array : Uint16Array)(lowest.length)
  for (const [node, { name, points }] of nodes.entries()) {
    const pointAt = placement(name)
    for (let i = 0; i < points; i++) {
      const point = pointAt(i)
      const slot = Math.floor(point * lowest.length)
      // Of equal points the last one stands: nodes come in rising order of names.
      if (point <= lowest[slot]!) {
        lowest[slot] = point
        slots[slot] = node
      }
    }
  }
  let next = slots[lowest.findIndex((point) => point < 1)]!
  for (let slot = slots.length - 1; slot >= 0; slot--) {
    if (lowest[slot]! < 1) next = slots[slot]!
    slots[slot] = next
  }
  let circle: Circle | undefined
  const sorted = () => (circle ??= circleOf(nodes, placement))
  return {
    ownerOf: (key) => slots[hash(key) >>> shift]!,
    circle: sorted,
    startOf: (key) => sorted().find((hash(key) >>> shift) / slots.length),
    shares() {
      const shares = new Float64Array(nodes.length)
      for (const node of slots) shares[node]! += 1 / slots.length
      return shares
    },
  }
}
