import { type Circle, circleOf } from './circle.ts'
import { mix32 } from './hash/murmur3.ts'
import type { RingNode, RingTable } from './ring-table.ts'

/** A hash of 32 bits, signed: see `murmur3Word`. */
type WordHash = (text: string) => number

/** The upper bits of a hash that name a slot. 2^18 slots keep the shares even up to some thousand nodes. */
const SLOT_BITS = 18
const SHIFT = 32 - SLOT_BITS
const REST = 2 ** SHIFT - 1

/**
 * The balanced ring: a classic one on which every key stands at the start of its slot of the hash space.
 *
 * So an array of slots answers, and no points are sorted for it: a slot belongs to the lowest point in it, or else goes
 * with the next slot. That is why a node can have the thousands of points that make shares even. The points are sorted
 * when somebody first asks for more than the owner.
 */
export function balancedTable(nodes: readonly RingNode[], hash: WordHash): RingTable {
  const slots = new (nodes.length > 0x10000 ? Uint32Array : Uint16Array)(2 ** SLOT_BITS)
  // The lowest point in each slot: the bits that the slot's number does not say, or all ones where there is none.
  const lowest = new Uint16Array(slots.length).fill(0xffff)
  for (const [node, { name, points }] of nodes.entries()) {
    const pointAt = pointsOf(name, hash)
    for (let i = 0; i < points; i++) {
      const point = pointAt(i)
      const slot = point >>> SHIFT
      // Of equal points the last one stands: nodes come in rising order of names.
      if ((point & REST) <= lowest[slot]!) {
        lowest[slot] = point & REST
        slots[slot] = node
      }
    }
  }
  let next = slots[lowest.findIndex((point) => point <= REST)]!
  for (let slot = slots.length - 1; slot >= 0; slot--) {
    // All ones for a slot without a point. A branch here would be a coin toss for the processor.
    const gap = (REST - lowest[slot]!) >> 31
    next = (slots[slot]! & ~gap) | (next & gap)
    slots[slot] = next
  }
  let circle: Circle | undefined
  return {
    ownerOf: (key) => slots[hash(key) >>> SHIFT]!,
    pointsFrom(key) {
      circle ??= circleOf(nodes, (name) => {
        const pointAt = pointsOf(name, hash)
        return (index) => (pointAt(index) >>> 0) / 2 ** 32
      })
      return { owners: circle.owners, start: circle.find((hash(key) >>> SHIFT) / slots.length) }
    },
    shares() {
      const shares = new Float64Array(nodes.length)
      for (const node of slots) shares[node]! += 1 / slots.length
      return shares
    },
  }
}

/** The points of a node, words of 32 bits: two hashes, however many points it has. */
function pointsOf(name: string, hash: WordHash): (index: number) => number {
  // Two words, so that two names that share one do not share all their points.
  const start = hash(name)
  const stride = hash(`${name}\0`) | 1
  return (index) => mix32(start + Math.imul(index, stride))
}
