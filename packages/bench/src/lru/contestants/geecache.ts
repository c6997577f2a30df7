import { LRUCache } from '@geecache/lru'
import { type Cache, ENTRY_BYTES, TTL_MS } from './cache.ts'

/** Ours, with everything on: both bounds, sizes, TTL. */
export function makeLru(capacity: number): Cache {
  return make(capacity, 'lru')
}

export function makeSieve(capacity: number): Cache {
  return make(capacity, 'sieve')
}

export function makeBare(capacity: number): Cache {
  return new LRUCache<string, object>({ maxEntries: capacity })
}

function make(capacity: number, policy: 'lru' | 'sieve'): Cache {
  return new LRUCache<string, object>({
    maxEntries: capacity,
    maxBytes: capacity * ENTRY_BYTES,
    sizeOf: () => ENTRY_BYTES,
    ttlMs: TTL_MS,
    policy,
  })
}
