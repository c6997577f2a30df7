/** One run of one key, and everybody who waits for it. */
export interface Flight<K, V> {
  readonly key: K
  readonly startedAt: number
  /** Absent if nobody can ever stop the run: it started for a caller who stays, and has no use for a signal. */
  readonly work: Work | undefined
  /** How many callers wait; once the run has settled, how many got its outcome. */
  waiters: number
  /**
   * The outcome, which those share who have no signal. Absent until the run has returned for the first time: whoever asks
   * for its key before was called by it.
   */
  landing: Promise<V> | undefined
  /** Those who have a signal, and so may leave. */
  seats: Set<Settle<V>> | undefined
}

/** What a flight waits for, and tells when nobody waits for the flight any more: an AbortController, or a batch. */
export interface Work {
  readonly signal: AbortSignal
  /** Whether the function given to doMany is on the stack. */
  readonly starting?: boolean
  abort(reason: unknown): void
}

/** Gives a caller who has a signal his outcome, and forgets him. */
export type Settle<V> = (outcome: Promise<V>) => void

/**
 * What the table of flights holds instead of flights, to be used again when its flight is over.
 *
 * A Map that is filled and emptied all the time outgrows one table after the other in V8, and each holds on to the next
 * and to what was in it. So flights, and whoever waited for them, would survive many collections after their end.
 */
export interface Berth<K, V> {
  flight: Flight<K, V> | undefined
}
