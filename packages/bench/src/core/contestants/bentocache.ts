import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { type MakeCache, ROOM } from './read-through.ts'

/** As it comes: every hit parses JSON. */
export const make: MakeCache = maker(true)
/** Every caller gets the same object, which any of them can change. */
export const makeUnserialized: MakeCache = maker(false)

function maker(serialize: boolean): MakeCache {
  return (load) => {
    const store = bentostore().useL1Layer(memoryDriver({ maxItems: ROOM, serialize }))
    const cache = new BentoCache({ default: 'memory', stores: { memory: store } })
    return { get: (key) => cache.getOrSet({ key, factory: () => load(key), ttl: '1h' }) }
  }
}
