import { mix32 } from './hash/murmur3.ts'
import type { RingNode, RingTable } from './ring-table.ts'

/** A hash of 32 bits, signed: see `murmur3Word`. */
type WordHash = (text: string) => number

/** The upper bits of a hash that name a slot. 2^18 slots keep the shares even up to some thousand nodes. */
const SLOT_BITS = 18
const SLOTS = 2 ** SLOT_BITS
const SHIFT = 32 - SLOT_BITS
const REST = 2 ** SHIFT - 1

/**
 * The balanced ring: a classic one on which every key stands at the start of its slot of the hash space.
 *
 * So an array of slots answers, and no points are sorted for it: a slot belongs to the lowest point in it, or else goes
 * with the next slot. That is why a node can have the thousands of points that make shares even. The points of a slot
 * stay linked to each other and are sorted when somebody asks for more than the owner: there is nothing left to build at
 * the moment when an owner has failed.
 */
export function balancedTable(nodes: readonly RingNode[], hash: WordHash): RingTable {
  const count = nodes.reduce((sum, { points }) => sum + points, 0)
  // Each point with its node: numbers that sort as the points do, of equal points the greatest node first.
  const points = new Float64Array(count)
  /** The point that came before this one into its slot, or -1. */
  const links = new Int32Array(count)
  /** The point that came last into a slot; for a slot without points, the complement of the next slot that has some. */
  const heads = new Int32Array(SLOTS).fill(-1)
  const slots = new (nodes.length > 0x10000 ? Uint32Array : Uint16Array)(SLOTS)
  // The lowest point in each slot: the bits that the slot's number does not say, or all ones where there is none.
  const lowest = new Uint16Array(SLOTS).fill(0xffff)
  let filled = 0
  for (const [node, { name, points: own }] of nodes.entries()) {
    const start = hash(name)
    // Two words, so that two names that share one do not share all their points.
    const stride = hash(`${name}\0`) | 1
    for (let i = 0; i < own; i++, filled++) {
      const point = mix32(start + Math.imul(i, stride))
      const slot = point >>> SHIFT
      points[filled] = ((point >>> 0) + 1) * nodes.length - 1 - node
      links[filled] = heads[slot]!
      heads[slot] = filled
      // Of equal points the last one stands: nodes come in rising order of names.
      if ((point & REST) <= lowest[slot]!) {
        lowest[slot] = point & REST
        slots[slot] = node
      }
    }
  }
  let next = heads.findIndex((head) => head >= 0)
  let owner = slots[next]!
  for (let slot = SLOTS - 1; slot >= 0; slot--) {
    // All ones for a slot without a point. A branch here would be a coin toss for the processor.
    const gap = heads[slot]! >> 31
    next = (slot & ~gap) | (next & gap)
    owner = (slots[slot]! & ~gap) | (owner & gap)
    heads[slot] = (heads[slot]! & ~gap) | (~next & gap)
    slots[slot] = owner
  }
  return {
    ownerOf: (key) => slots[hash(key) >>> SHIFT]!,
    walk(key, visit) {
      let slot = hash(key) >>> SHIFT
      for (let walked = 0; walked < count; slot = (slot + 1) % SLOTS) {
        if (heads[slot]! < 0) slot = ~heads[slot]!
        const inSlot: number[] = []
        for (let at = heads[slot]!; at >= 0; at = links[at]!) inSlot.push(points[at]!)
        walked += inSlot.length
        for (const point of inSlot.sort((a, b) => a - b))
          if (visit(nodes.length - 1 - (point % nodes.length))) return
      }
    },
    shares() {
      const shares = new Float64Array(nodes.length)
      for (const node of slots) shares[node]! += 1 / SLOTS
      return shares
    },
  }
}
