import type { Cache } from './cache.ts'

/** A Map that never evicts: what no cache over a Map can beat at hits. */
export function makeMap(): Cache {
  return new Map<string, object>()
}
