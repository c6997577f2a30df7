import type { Coalescer } from './coalescer.ts'

/** What people write by hand: the least that shares a load and forgets it when it has settled. */
export function make(): Coalescer {
  const loads = new Map<unknown, Promise<unknown>>()
  return {
    get(key, load) {
      let promise = loads.get(key)
      if (promise === undefined) {
        promise = load().finally(() => loads.delete(key))
        loads.set(key, promise)
      }
      return promise
    },
    forget: (key) => loads.delete(key),
  }
}
