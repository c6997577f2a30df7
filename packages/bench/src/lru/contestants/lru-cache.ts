import { LRUCache } from 'lru-cache'
import { type Cache, ENTRY_BYTES, TTL_MS } from './cache.ts'

/** lru-cache with the same features as ours. */
export function makeFull(capacity: number): Cache {
  return new LRUCache<string, object>({
    max: capacity,
    maxSize: capacity * ENTRY_BYTES,
    sizeCalculation: () => ENTRY_BYTES,
    ttl: TTL_MS,
  })
}

export function makeBare(capacity: number): Cache {
  return new LRUCache<string, object>({ max: capacity })
}
