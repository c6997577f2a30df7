/** A node as tables see it. Nodes come in rising order of names, and their place in it is their number. */
export interface RingNode {
  readonly name: string
  readonly points: number
}

/**
 * Who owns what, for one set of nodes. It is made from the nodes alone, whatever was before.
 *
 * Where points collide the node with the greatest name wins.
 */
export interface RingTable {
  /** The number of the node that owns a key. */
  ownerOf(key: string): number
  /** Visits the node of each point, from the one that owns the key once around the circle, until `visit` says true. */
  walk(key: string, visit: (node: number) => boolean): void
  /** The part of the hash space of each node, by number. */
  shares(): Float64Array
}
