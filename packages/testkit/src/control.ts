import type { GroupStats } from '@geecache/core'

/** What a test can tell a peer process to do, and what it answers. */
export interface Control {
  /** Tells it who the peers are. */
  setPeers(urls: readonly string[]): void
  /** Gets `key` `times` times at once; the different values that came back, or errors as `error: …`. */
  getAtOnce(key: string, times: number): readonly string[]
  /** Gets all keys at once; their values in the same order. */
  getEach(keys: readonly string[]): readonly string[]
  stats(): GroupStats
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
  readonly result: unknown
}
