import { lru } from 'tiny-lru'
import { type Cache, TTL_MS } from './cache.ts'

/** tiny-lru with TTL. */
export function makeTtl(capacity: number): Cache {
  return lru<object>(capacity, TTL_MS)
}

export function makeBare(capacity: number): Cache {
  return lru<object>(capacity)
}
