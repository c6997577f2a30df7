import type { MakeCache } from './cache.ts'

/** Every cache that takes part. Those without a remark in brackets have no more features than get and set. */
export const contestants: Readonly<Record<string, () => Promise<MakeCache>>> = {
  'lru-cache (size, ttl)': async () => (await import('./lru-cache.ts')).makeFull,
  'lru-cache': async () => (await import('./lru-cache.ts')).makeBare,
  'geecache lru (size, ttl)': async () => (await import('./geecache.ts')).makeLru,
  'geecache sieve (size, ttl)': async () => (await import('./geecache.ts')).makeSieve,
  'geecache lru': async () => (await import('./geecache.ts')).makeBare,
  'quick-lru (ttl, 2 x entries)': async () => (await import('./quick-lru.ts')).makeTtl,
  'quick-lru (2 x entries)': async () => (await import('./quick-lru.ts')).makeBare,
  'tiny-lru (ttl)': async () => (await import('./tiny-lru.ts')).makeTtl,
  'tiny-lru': async () => (await import('./tiny-lru.ts')).makeBare,
  'lru.min': async () => (await import('./lru-min.ts')).makeBare,
  'mnemonist LRUMap': async () => (await import('./mnemonist.ts')).makeBare,
  'Map, no eviction': async () => (await import('./map.ts')).makeMap,
}
