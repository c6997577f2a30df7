import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import type { Coalescer } from './coalescer.ts'

export function make(): Coalescer {
  const store = bentostore().useL1Layer(memoryDriver({ maxItems: 1000 }))
  const cache = new BentoCache({ default: 'memory', stores: { memory: store } })
  return {
    get: (key, load) => cache.getOrSet({ key: key as string, factory: () => load(), ttl: '1h' }),
    forget: (key) => cache.delete({ key: key as string }),
  }
}
