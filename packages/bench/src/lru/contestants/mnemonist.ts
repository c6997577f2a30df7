import { LRUMap } from 'mnemonist'
import type { Cache } from './cache.ts'

export function makeBare(capacity: number): Cache {
  return new LRUMap<string, object>(capacity)
}
