export { LRUCache } from './lru-cache.ts'
export type { Bounds, LRUCacheOptions, RemovalReason, SetOptions } from './options.ts'
export type { LoadOptions, SnapshotEntry } from './snapshot.ts'
export type { CacheStats } from './stats.ts'
