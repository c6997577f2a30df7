import type { Coalescer } from './coalescer.ts'

type Make = () => Coalescer

/** The libraries, by the names they have on npm. */
export const libraries: Readonly<Record<string, () => Promise<Make>>> = {
  '@geecache/singleflight': async () => (await import('./geecache.ts')).make,
  'p-singleflight': async () => (await import('./p-singleflight.ts')).make,
  'singleflight-js': async () => (await import('./singleflight-js.ts')).make,
  'p-memoize': async () => (await import('./p-memoize.ts')).make,
  'lru-cache.fetch': async () => (await import('./lru-cache.ts')).make,
  'async-cache-dedupe': async () => (await import('./async-cache-dedupe.ts')).make,
  dataloader: async () => (await import('./dataloader.ts')).make,
  bentocache: async () => (await import('./bentocache.ts')).make,
  cacheable: async () => (await import('./cacheable.ts')).make,
}

/** The same for a comparison of speed, where it matters what is asked of ours, beside the least one can write. */
export const contestants: Readonly<Record<string, () => Promise<Coalescer>>> = {
  geecache: async () => (await import('./geecache.ts')).makeWithoutSignals(),
  'geecache, the load takes a signal': async () => (await import('./geecache.ts')).make(),
  'geecache, all callers can leave': async () => (await import('./geecache.ts')).makeWithSignals(),
  'Map of promises': async () => (await import('./map-of-promises.ts')).make(),
  ...Object.fromEntries(
    Object.entries(libraries)
      .slice(1)
      .map(([name, load]) => [name, async () => (await load())()]),
  ),
}
