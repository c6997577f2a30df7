/** What a group has done since it was made; the names are groupcache's. */
export interface GroupStats {
  /** Gets asked of this group here, not counting those of peers. */
  readonly gets: number
  /** Gets answered from mainCache or hotCache. */
  readonly cacheHits: number
  /** Gets that memory could not answer. */
  readonly loads: number
  /** Of those, the ones that remained after concurrent gets of one key had been joined. */
  readonly loadsDeduped: number
  /** Values that another peer answered with. */
  readonly peerLoads: number
  /** Gets that peers failed to answer, after which another was asked or this process handled the key itself. */
  readonly peerErrors: number
  /** Values of keys that have become this process's own, taken over from their previous owners. */
  readonly handovers: number
  /** Keys that the getter, or the batch getter, was asked for. */
  readonly localLoads: number
  /** Of those, the ones that failed while somebody waited; a key without a value is not a failure. */
  readonly localLoadErrs: number
  /** Gets that came from peers, not counting those for what is in memory only. */
  readonly serverRequests: number
}

/** What one of a group's two caches holds and has done. */
export interface CacheStats {
  /** Bytes charged for its entries. */
  readonly bytes: number
  /** How many entries it holds. */
  readonly items: number
  readonly gets: number
  readonly hits: number
  /** Entries that had to leave for others. */
  readonly evictions: number
}

/** {@link GroupStats} while a group still counts. */
export type GroupCounters = { -readonly [name in keyof GroupStats]: number }

export function newGroupCounters(): GroupCounters {
  return {
    gets: 0,
    cacheHits: 0,
    loads: 0,
    loadsDeduped: 0,
    peerLoads: 0,
    peerErrors: 0,
    handovers: 0,
    localLoads: 0,
    localLoadErrs: 0,
    serverRequests: 0,
  }
}
