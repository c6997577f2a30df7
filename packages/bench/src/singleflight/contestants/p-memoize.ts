import pMemoize from 'p-memoize'
import type { Coalescer, Load } from './coalescer.ts'

/** Without a cache: nothing but its sharing of concurrent calls. */
export function make(): Coalescer {
  const get = pMemoize((_key: unknown, load: Load) => load(), { cache: false, cacheKey: ([key]) => key })
  return { get: (key, load) => get(key, load) }
}
