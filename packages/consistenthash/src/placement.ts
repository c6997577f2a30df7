import { check } from './check.ts'
import { mix32 } from './hash/murmur3.ts'
import type { Hash, HashRingOptions } from './options.ts'

/** Where on the circle, from 0 up to 1, point `index` of a node is. */
export type Placement = (name: string) => (index: number) => number

/** Points in a sequence of its own for each name: two hashes a node, however many points it has. */
export function spread(hash: Hash): Placement {
  return (name) => {
    // Two words, so that two names that share one do not share all their points.
    const start = hash(name)
    const stride = hash(`${name}\0`) | 1
    return (index) => mix32(start + Math.imul(index, stride)) / 2 ** 32
  }
}

/** Points where a hash puts their labels. */
export function labelled(fractionOf: Hash, label: NonNullable<HashRingOptions['label']>): Placement {
  return (name) => (index) => {
    const fraction = fractionOf(label(name, index))
    check(fraction >= 0, 'hash must return an integer', fraction)
    return fraction
  }
}
