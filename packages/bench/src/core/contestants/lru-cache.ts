import { LRUCache } from 'lru-cache'
import { HOUR_MS, type MakeCache, ROOM } from './read-through.ts'

export const bare: MakeCache = (load) => {
  const cache = new LRUCache<string, object>({
    max: ROOM,
    fetchMethod: (key) => load(key) as Promise<object>,
  })
  return { get: (key) => cache.fetch(key) }
}

export const withTtl: MakeCache = (load) => {
  const fetchMethod = (key: string) => load(key) as Promise<object>
  const cache = new LRUCache<string, object>({ max: ROOM, ttl: HOUR_MS, fetchMethod })
  return { get: (key) => cache.fetch(key) }
}
