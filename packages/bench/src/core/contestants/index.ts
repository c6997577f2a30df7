import type { Contestant } from '../task.ts'
import type { MakeCache } from './read-through.ts'

/** Each in a module of its own, loaded in the process that measures it. */
export const contestants: Readonly<Record<string, () => Promise<Contestant>>> = {
  'geecache, json': inNode(async () => (await import('./geecache.ts')).json),
  'geecache, json, ttl': inNode(async () => (await import('./geecache.ts')).jsonTtl),
  'geecache, text': inNode(async () => (await import('./geecache.ts')).asTexts),
  'geecache, text, ttl': inNode(async () => (await import('./geecache.ts')).asTextsTtl),
  'lru-cache.fetch': inNode(async () => (await import('./lru-cache.ts')).bare),
  'lru-cache.fetch, ttl': inNode(async () => (await import('./lru-cache.ts')).withTtl),
  'p-memoize (no bound)': inNode(async () => (await import('./p-memoize.ts')).make),
  'async-cache-dedupe, ttl': inNode(async () => (await import('./async-cache-dedupe.ts')).make),
  'cache-manager, ttl': inNode(async () => (await import('./cache-manager.ts')).make),
  'bentocache, ttl': inNode(async () => (await import('./bentocache.ts')).make),
  'bentocache, ttl (unserialized)': inNode(async () => (await import('./bentocache.ts')).makeUnserialized),
  'cacheable, ttl': inNode(async () => (await import('./cacheable.ts')).make),
  'Go, golang/groupcache': async () => (await import('./go.ts')).measure,
  'Map of promises (no bound)': inNode(async () => (await import('./map-of-promises.ts')).make),
}

function inNode(load: () => Promise<MakeCache>): () => Promise<Contestant> {
  return async () => {
    const [make, { measureCache }] = await Promise.all([load(), import('../measure-cache.ts')])
    return (task) => measureCache(make, task)
  }
}
