import { Cacheable } from 'cacheable'
import type { MakeCache } from './read-through.ts'

export const make: MakeCache = (load) => {
  const cache = new Cacheable({ ttl: '1h' })
  return { get: (key) => cache.getOrSet(key, () => load(key)) }
}
