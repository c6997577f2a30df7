import { check } from './check.ts'
import { type HashRingOptions, type ResolvedOptions, resolveOptions } from './options.ts'
import type { RingTable } from './ring-table.ts'

/** A node with a say in how much it owns. */
export interface WeightedNode {
  readonly name: string
  /**
   * The node's part of the keys, relative to the others. Default: 1. A node of weight 0 is on the ring and owns nothing:
   * it is being drained, say. Any other node gets at least one point.
   */
  readonly weight?: number
}

/**
 * A consistent-hash ring: says which node owns a key, and moves few keys when nodes come and go.
 *
 * The same nodes make the same ring, in whatever order they were added. What changes is taken up at the next look-up, so
 * many nodes added one by one cost one build.
 */
export class HashRing {
  readonly #options: ResolvedOptions
  /** Name -> points. */
  readonly #nodes = new Map<string, number>()
  #points = 0
  /** The names by their numbers in the table. */
  #names: readonly string[] = []
  /** Absent on an empty ring and after a change. */
  #table: RingTable | undefined

  constructor(options: HashRingOptions = {}) {
    this.#options = resolveOptions(options)
  }

  /**
   * Adds nodes; a node that is there gets the new weight. All or none: a node that is not valid leaves the ring as it is.
   *
   * @throws TypeError when a name is not a non-empty string
   * @throws RangeError when a weight is negative or not finite, or when the ring would have too many points
   */
  add(...nodes: (string | WeightedNode)[]): this {
    const added = new Map(nodes.map((node) => this.#checked(node)))
    let points = this.#points
    for (const [name, count] of added) points += count - (this.#nodes.get(name) ?? 0)
    const { maxPoints } = this.#options
    check(points <= maxPoints, `nodes x weight x replicas must be at most ${maxPoints}`, points)
    for (const [name, count] of added) this.#nodes.set(name, count)
    this.#points = points
    this.#table = undefined
    return this
  }

  /** Removes nodes; names that are not on the ring are ignored. */
  remove(...names: string[]): this {
    for (const name of names) {
      this.#points -= this.#nodes.get(name) ?? 0
      if (this.#nodes.delete(name)) this.#table = undefined
    }
    return this
  }

  /** The owner of a key; undefined when no node can own one. */
  get(key: string): string | undefined {
    const table = this.#tableFor(key)
    return table && this.#names[table.ownerOf(key)]
  }

  /**
   * The first `n` distinct nodes from the key on, in ring order: the owner, then the ones that stand in for it. Fewer when
   * fewer own anything.
   */
  getN(key: string, n: number): string[] {
    check(Number.isInteger(n) && n >= 0, 'n must be an integer from 0 on', n)
    const names: string[] = []
    this.pick(key, (name) => names.length === n || names.push(name) === n)
    return names
  }

  /** The first node in ring order that is accepted; each is asked about once. Undefined when none is. */
  pick(key: string, accept: (name: string) => boolean): string | undefined {
    const table = this.#tableFor(key)
    if (table === undefined) return undefined
    // Kept, because accept may change the ring.
    const names = this.#names
    const owner = table.ownerOf(key)
    if (accept(names[owner]!)) return names[owner]
    const asked = new Uint8Array(names.length)
    asked[owner] = 1
    let left = names.length - 1
    let picked: string | undefined
    table.walk(key, (node) => {
      if (!asked[node]) {
        asked[node] = 1
        left--
        if (accept(names[node]!)) picked = names[node]
      }
      return picked !== undefined || left === 0
    })
    return picked
  }

  /** Whether a node is on the ring. */
  has(name: string): boolean {
    return this.#nodes.has(name)
  }

  /** The number of nodes, those of weight 0 included. */
  get size(): number {
    return this.#nodes.size
  }

  /** The names of the nodes, in rising order. */
  nodes(): string[] {
    return [...this.#nodes.keys()].sort()
  }

  /** The part of the hash space that each node owns, 0 to 1, by name. They sum to 1, unless no node owns anything. */
  shares(): Map<string, number> {
    const parts = (this.#table ?? this.#build())?.shares()
    const shares = new Map(this.nodes().map((name) => [name, 0]))
    for (const [i, name] of this.#names.entries()) shares.set(name, parts![i]!)
    return shares
  }

  /** The part of the keys that a node is meant to own, by its weight: what `shares()` comes close to. */
  fairShare(name: string): number {
    return (this.#nodes.get(name) ?? 0) / (this.#points || 1)
  }

  #tableFor(key: string): RingTable | undefined {
    check(typeof key === 'string', 'key must be a string', key, TypeError)
    return this.#table ?? this.#build()
  }

  #checked(node: string | WeightedNode): [name: string, points: number] {
    const { name, weight = 1 } = typeof node === 'string' ? { name: node } : node
    check(typeof name === 'string' && name !== '', 'name must be a non-empty string', name, TypeError)
    check(Number.isFinite(weight) && weight >= 0, 'weight must be a finite number from 0 on', weight)
    return [name, weight && Math.max(1, Math.round(weight * this.#options.replicas))]
  }

  #build(): RingTable | undefined {
    const nodes = this.nodes()
      .map((name) => ({ name, points: this.#nodes.get(name)! }))
      .filter(({ points }) => points > 0)
    this.#names = nodes.map(({ name }) => name)
    if (nodes.length === 0) return undefined
    this.#table = this.#options.table(nodes)
    return this.#table
  }
}
