import { LRUCache } from 'lru-cache'
import type { Coalescer, Load } from './coalescer.ts'

export function make(): Coalescer {
  const cache = new LRUCache<string, object, Load>({
    max: 1000,
    fetchMethod: async (_key, _stale, { signal, context }) => (await context(signal)) as object,
  })
  return {
    takesSignal: true,
    get: (key, load, signal) => cache.fetch(key as string, { context: load, ...(signal && { signal }) }),
    forget: (key) => cache.delete(key as string),
  }
}
