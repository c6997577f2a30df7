export interface SingleFlightOptions {
  /**
   * How old a run may be, in milliseconds, for one more caller to join it. Past that age the next caller starts a
   * new run; those who wait for the old one still get its answer. Default: no limit.
   */
  readonly maxAgeMs?: number | undefined
  /** A monotonic clock in milliseconds, read only if there is an age limit. Default: `performance.now`. */
  readonly now?: (() => number) | undefined
}

export interface CallOptions {
  /**
   * Lets this caller leave: an abort rejects this caller at once, with `signal.reason`, and nobody else. A signal
   * that has aborted before the call neither starts nor joins a run. Default: the caller stays to the end.
   */
  readonly signal?: AbortSignal | undefined
}
