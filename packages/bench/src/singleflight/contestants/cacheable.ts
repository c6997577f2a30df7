import { Cacheable } from 'cacheable'
import type { Coalescer } from './coalescer.ts'

export function make(): Coalescer {
  const cache = new Cacheable({ ttl: '1h' })
  return {
    get: (key, load) => cache.getOrSet(key as string, () => load()),
    forget: (key) => cache.delete(key as string),
  }
}
