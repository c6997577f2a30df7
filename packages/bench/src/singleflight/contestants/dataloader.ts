import DataLoader from 'dataloader'
import type { Coalescer, Load } from './coalescer.ts'

export function make(): Coalescer {
  const loads = new Map<unknown, Load>()
  const settle = async (key: unknown): Promise<unknown> => {
    const load = loads.get(key) as Load
    loads.delete(key)
    try {
      return await load()
    } catch (error) {
      return asError(error)
    }
  }
  const loader = new DataLoader((keys: readonly unknown[]) => Promise.all(keys.map(settle)))
  return {
    get(key, load) {
      loads.set(key, load)
      return loader.load(key)
    },
    forget: (key) => loader.clear(key),
  }
}

/** A batch function can only fail a single key with an Error. */
function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error), { cause: error })
}
