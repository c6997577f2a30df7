import { createCache } from 'async-cache-dedupe'
import { HOUR_MS, type MakeCache, ROOM } from './read-through.ts'

export const make: MakeCache = (load) => {
  const storage = { type: 'memory', options: { size: ROOM } } as const
  const cache = createCache({ ttl: HOUR_MS / 1000, storage }).define('load', load)
  return { get: (key) => cache.load(key) }
}
