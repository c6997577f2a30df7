import { createCache } from 'cache-manager'
import { HOUR_MS, type MakeCache } from './read-through.ts'

export const make: MakeCache = (load) => {
  const cache = createCache({ ttl: HOUR_MS })
  return { get: (key) => cache.wrap(key, () => load(key)) }
}
