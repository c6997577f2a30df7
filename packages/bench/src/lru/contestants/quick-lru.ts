import QuickLRU from 'quick-lru'
import { type Cache, TTL_MS } from './cache.ts'

/** quick-lru with TTL. It holds up to twice its `maxSize`. */
export function makeTtl(capacity: number): Cache {
  return new QuickLRU<string, object>({ maxSize: capacity, maxAge: TTL_MS })
}

export function makeBare(capacity: number): Cache {
  return new QuickLRU<string, object>({ maxSize: capacity })
}
