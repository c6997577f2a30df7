/** What every library here is, under one name or another: a cache that knows how to get what it does not have. */
export interface ReadThrough {
  get(key: string): Promise<unknown>
  /** The value, synchronously, where there is such a thing. */
  peek?(key: string): unknown
}

export type Load = (key: string) => Promise<unknown>

/** Makes a cache which has room for every key of the benchmark. */
export type MakeCache = (load: Load) => ReadThrough

/** Entries to make room for, where a library wants to know. */
export const ROOM = 1_000_000

/** A time to live that does not end before the benchmark does. */
export const HOUR_MS = 3_600_000
