import { balancedTable } from './balanced-table.ts'
import { check } from './check.ts'
import { classicTable } from './classic-table.ts'
import { halfSipHashWord } from './hash/half-sip-hash.ts'
import { murmur3Word } from './hash/murmur3.ts'
import type { RingNode, RingTable } from './ring-table.ts'

/** A hash of the UTF-8 bytes of a text: an unsigned integer of 32 bits. */
export type Hash = (text: string) => number

/** How a ring places its nodes and keys. Every process of a cluster must use the same. */
export interface HashRingOptions {
  /**
   * Points of a node of weight 1. Default: 2048 on the balanced ring, 512 with a `hash` of your own. More points are
   * more even shares and a longer build; looking up takes as long.
   */
  readonly replicas?: number
  /**
   * Keys the balanced ring's hash, so that who does not know the seed cannot choose keys that land on one node. Any
   * text or number; a number counts as its decimal text. Default: none, the ring that everybody can compute.
   */
  readonly seed?: string | number
  /**
   * Replaces the balanced ring by the classic one: point `i` of a node is `hash(label(name, i))`, and a key belongs to
   * the first point that is not below `hash(key)`. The shares are as even as this hash is good.
   */
  readonly hash?: Hash
  /** With `hash`: how many bits wide it is, at most 53. Default: 32. */
  readonly hashBits?: number
  /** With `hash`: the text that is hashed for point `i` of a node. Default: the decimal index, then the name. */
  readonly label?: (name: string, index: number) => string
}

/** The options, checked, as a ring uses them. */
export interface ResolvedOptions {
  readonly replicas: number
  readonly maxPoints: number
  readonly table: (nodes: readonly RingNode[]) => RingTable
}

export function resolveOptions({ hash, seed, ...options }: HashRingOptions): ResolvedOptions {
  const { replicas = hash ? 512 : 2048, hashBits = 32, label = (name, index) => index + name } = options
  check(Number.isInteger(replicas) && replicas > 0, 'replicas must be a positive integer', replicas)
  check(
    Number.isInteger(hashBits) && hashBits > 0 && hashBits < 54,
    'hashBits must be an integer from 1 to 53',
    hashBits,
  )
  check(typeof label === 'function', 'label must be a function', label, TypeError)
  if (hash === undefined) {
    const own = seed === undefined ? open : seeded(seed)
    return { replicas, maxPoints: 2 ** 29, table: (nodes) => balancedTable(nodes, own) }
  }
  check(typeof hash === 'function', 'hash must be a function', hash, TypeError)
  check(seed === undefined, 'seed must be absent with hash', seed, TypeError)
  const fractionOf = (text: string) => {
    const turns = hash(text) / 2 ** hashBits
    return turns - Math.floor(turns)
  }
  return { replicas, maxPoints: 2 ** 25, table: (nodes) => classicTable(nodes, fractionOf, label) }
}

function open(text: string): number {
  return murmur3Word(text, 0)
}

function seeded(seed: string | number): Hash {
  check(
    typeof seed === 'string' || Number.isFinite(seed),
    'seed must be a string or a finite number',
    seed,
    TypeError,
  )
  const key0 = halfSipHashWord(`${seed}`, 0, 0)
  const key1 = halfSipHashWord(`${seed}`, 0, 1)
  return (text) => halfSipHashWord(text, key0, key1)
}
