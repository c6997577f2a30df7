export interface SingleFlightOptions {
  /**
   * How old a run may be, in milliseconds, for one more caller to join it. Past that age the next caller starts a
   * new run; those who wait for the old one still get its answer. Default: no limit.
   */
  readonly maxAgeMs?: number | undefined
  /** A monotonic clock in milliseconds, read only if `maxAgeMs` is set. Default: `performance.now`. */
  readonly now?: (() => number) | undefined
}

export interface CallOptions {
  /**
   * Lets this caller leave. An abort rejects this caller with `signal.reason` at once, and nobody else. Default:
   * the caller stays until the run has settled.
   */
  readonly signal?: AbortSignal | undefined
}

export interface ResolvedOptions {
  readonly maxAgeMs: number
  readonly now: () => number
}

export function resolveOptions(options: SingleFlightOptions | undefined): ResolvedOptions {
  const { maxAgeMs = Infinity, now = () => performance.now() } = options ?? {}
  if (!(maxAgeMs > 0)) throw new RangeError(`maxAgeMs must be a positive number, got ${String(maxAgeMs)}`)
  if (typeof now !== 'function') throw new TypeError(`now must be a function, got ${String(now)}`)
  return { maxAgeMs, now }
}

/** The caller's signal, or undefined if he brought none. Throws if he brought something else, or has left already. */
export function resolveSignal(options: CallOptions | undefined): AbortSignal | undefined {
  const signal = options?.signal ?? undefined
  if (signal?.aborted) throw signal.reason
  if (signal && typeof signal.addEventListener !== 'function') {
    throw new TypeError(`signal must be an AbortSignal, got ${String(signal)}`)
  }
  return signal
}

export function checkFunction(fn: unknown): void {
  if (typeof fn !== 'function') throw new TypeError(`fn must be a function, got ${String(fn)}`)
}
