/** What every contestant can do, in its own words. Keys are strings. */
export interface Cache {
  get(key: string): unknown
  set(key: string, value: object): unknown
}

/** A contestant's cache of so many entries. */
export type MakeCache = (capacity: number) => Cache

/** What an entry is charged where bytes are counted. */
export const ENTRY_BYTES = 100

/** A time to live that is never over while measuring. */
export const TTL_MS = 3_600_000
