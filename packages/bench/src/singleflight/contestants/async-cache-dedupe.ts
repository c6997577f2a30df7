import { createCache } from 'async-cache-dedupe'
import type { Coalescer, Load } from './coalescer.ts'

/** A time to live of zero: nothing but its sharing of concurrent calls. */
export function make(): Coalescer {
  const cache = createCache({ ttl: 0, storage: { type: 'memory' } }).define(
    'load',
    { serialize: ({ key }: { key: unknown }) => key },
    ({ load }: { key: unknown; load: Load }) => load(),
  )
  return {
    get: (key, load) => cache.load({ key, load }),
    forget: (key) => cache.clear('load', { key }),
  }
}
