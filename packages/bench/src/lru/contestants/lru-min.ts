import { createLRU } from 'lru.min'
import type { Cache } from './cache.ts'

export function makeBare(capacity: number): Cache {
  return createLRU<string, object>({ max: capacity })
}
