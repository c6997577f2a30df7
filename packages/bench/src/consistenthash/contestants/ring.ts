/** What every contestant can do, in its own words. */
export interface Ring {
  get(key: string): string
  add(node: string): unknown
}

export type MakeRing = (nodes: readonly string[]) => Ring
