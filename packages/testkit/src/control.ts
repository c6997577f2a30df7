import type { CacheStats, GroupStats } from '@geecache/core'
import type { HTTPPoolStats } from '@geecache/http'

/** How a peer process is set up; what a test leaves out has the packages' defaults. */
export interface PeerSettings {
  readonly originUrl: string
  /** Where it listens. Default: 127.0.0.1, any free port. */
  readonly host?: string
  readonly port?: number
  /** Its base URL as the other peers know it, such as that of a proxy before it. Default: where it listens. */
  readonly self?: string
  /** Default: `values`. */
  readonly groupName?: string
  /** Options of the group, as far as they are data; default `maxBytes`: 64 MiB. */
  readonly group?: Readonly<Record<string, unknown>>
  /** Options of the pool. */
  readonly pool?: Readonly<Record<string, unknown>>
  /** Whether the pool serves on its own server (`listen`), rather than in one of the program's. Default: false. */
  readonly ownServer?: boolean
  /** Whether its getter goes on when nobody waits for it any more. Default: false. */
  readonly isDeaf?: boolean
}

/** What became of a call of the group. */
export interface Outcome {
  readonly value?: string
  /** A GeeCacheError's code, or the error's name. */
  readonly code?: string
  readonly message?: string
  readonly ms: number
}

/** Steady traffic: gets of `prefix` + a number, started at a rate whatever becomes of them. */
export interface Traffic {
  readonly perSecond: number
  readonly prefix: string
  /** How many different keys. */
  readonly keys: number
  readonly seed: number
  /** How uneven their use is: 0 all alike, 1 Zipf. Default: 0. */
  readonly skew?: number
  /** The part of the gets that goes to number 0 besides. Default: 0. */
  readonly hotShare?: number
}

/** One get of the traffic: when it began (ms since the epoch), how long it took, what became of it. */
export type Sample = readonly [
  beganAt: number,
  ms: number,
  /** `ok`, `wrong` (a value that no load of that key produced), or the code of the error. */
  outcome: string,
  key: number,
  version: number,
]

/** How a process is. */
export interface Health {
  /** Calls of the group, getter calls, and requests of peers that have not ended. */
  readonly running: { readonly gets: number; readonly loads: number; readonly requests: number }
  /** Bytes accounted for, and allowed. */
  readonly bytes: number
  readonly maxBytes: number
  readonly rss: number
  /** The most that it ever was. */
  readonly peakRss: number
  readonly heapUsed: number
  readonly arrayBuffers: number
  /** What keeps the event loop alive, by kind. */
  readonly resources: Readonly<Record<string, number>>
  readonly unhandled: readonly string[]
  readonly warnings: readonly string[]
}

/** What a test can tell a peer process to do, and what it answers. */
export interface Control {
  /** Tells it who the peers are. */
  setPeers(urls: readonly string[]): void
  get(key: string): Outcome
  /** Gets `key` `times` times at once; the different values that came back, or errors as `error: …`. */
  getAtOnce(key: string, times: number): readonly string[]
  /** Gets all keys at once; their values in the same order. */
  getEach(keys: readonly string[]): readonly string[]
  /** Gets a key, and leaves after so many milliseconds. */
  getAndLeave(key: string, afterMs: number): Outcome
  peek(key: string): string | undefined
  set(key: string, value: string): Outcome
  /** Sets a value of so many bytes for each key, one after the other. */
  setEach(keys: readonly string[], bytes: readonly number[]): void
  remove(keys: readonly string[]): Outcome
  clear(): Outcome
  startTraffic(traffic: Traffic): void
  /** What became of the traffic so far, since this was asked last: kept any longer, it would grow into what is measured. */
  takeSamples(): readonly Sample[]
  /** Ends the traffic; what became of the rest of it, once all of it has settled. */
  stopTraffic(): readonly Sample[]
  stats(): GroupStats
  cacheStats(): { readonly main: CacheStats; readonly hot: CacheStats }
  poolStats(): HTTPPoolStats
  health(): Health
  /** Collects garbage, if the process may; see `execArgv`. */
  collect(): void
  /** Blocks the event loop; answers before it does. */
  stall(ms: number): void
  /** Leaves the cluster as an application would when it stops: milliseconds it took. */
  leave(): number
  /** Goes on without this process, until nothing keeps it alive any more; it can be told nothing after that. */
  letGo(): void
}

/** A call of {@link Control} as it travels over IPC. */
export interface Call {
  readonly id: number
  readonly name: keyof Control
  readonly args: readonly unknown[]
}

/** The answer to a {@link Call}. */
export interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}
