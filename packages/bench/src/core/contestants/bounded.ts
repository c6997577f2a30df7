import { bytes, Group, json } from '@geecache/core'
import { LRUCache } from 'lru-cache'
import type { MakeValue } from '../filler.ts'

/** A read-through cache that was told to take so many bytes and no more. */
export interface Bounded {
  get(key: string): Promise<unknown>
  /** The bytes it believes to hold. */
  readonly bytes: number
  /** How many entries had to leave so far. */
  readonly evictions: number
}

export type MakeBounded = (maxBytes: number, value: MakeValue) => Bounded

export const geecache: MakeBounded = (maxBytes, value) => {
  const isBytes = value('probe') instanceof Uint8Array
  const group = new Group<unknown>({
    name: 'bench',
    maxBytes,
    codec: isBytes ? bytes() : json(),
    getter: value,
  })
  return {
    get: (key) => group.get(key),
    get bytes() {
      return group.cacheStats('main').bytes
    },
    get evictions() {
      return group.cacheStats('main').evictions
    },
  }
}

/** Charged by the length of its JSON, as its users do. */
export const lruCache: MakeBounded = (maxBytes, value) => {
  let evictions = 0
  const cache = new LRUCache<string, object>({
    maxSize: maxBytes,
    sizeCalculation: (value) => (value instanceof Uint8Array ? value.length : JSON.stringify(value).length),
    dispose: (_value, _key, reason) => {
      if (reason === 'evict') evictions++
    },
    fetchMethod: async (key) => value(key),
  })
  return {
    get: (key) => cache.fetch(key),
    get bytes() {
      return cache.calculatedSize
    },
    get evictions() {
      return evictions
    },
  }
}
