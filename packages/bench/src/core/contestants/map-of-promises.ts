import type { MakeCache } from './read-through.ts'

/** The least one can write. */
export const make: MakeCache = (load) => {
  const values = new Map<string, Promise<unknown>>()
  return {
    get(key) {
      let value = values.get(key)
      if (value === undefined) {
        value = load(key)
        values.set(key, value)
      }
      return value
    },
  }
}
