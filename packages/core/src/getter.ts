/** What a getter is told about the load it runs, and may say about the value it found. */
export interface GetterContext {
  /** Aborts when the last caller has left, or after the group's `loadTimeoutMs`. */
  readonly signal: AbortSignal
  /** Milliseconds this value may live: the group's `ttlMs` unless the getter assigns its own. */
  ttlMs: number | undefined
}

/**
 * Loads the value of a key from where it really is: a database, a service, a computation.
 *
 * Returning undefined, or throwing NotFoundError, says that the key has no value.
 */
export type Getter<V> = (key: string, context: GetterContext) => V | undefined | PromiseLike<V | undefined>

/** What a batch getter is told about the loads it runs, and may say about the values it found. */
export interface BatchContext {
  /** Aborts when nobody waits for any of the keys any more. */
  readonly signal: AbortSignal
  /** For each key, in order: milliseconds its value may live, the group's `ttlMs` unless assigned. */
  readonly ttlsMs: (number | undefined)[]
}

/**
 * Loads the values of many keys at once: for each key, in order, its value, undefined (or a NotFoundError) if it has
 * none, or the Error with which this key alone failed.
 */
export type BatchGetter<V> = (
  keys: readonly string[],
  context: BatchContext,
) => readonly (V | Error | undefined)[] | PromiseLike<readonly (V | Error | undefined)[]>

/** What a getter threw, wrapped: it may be an error like the group's own, and is not to be taken for one. */
export class GetterFailure {
  readonly reason: unknown

  constructor(reason: unknown) {
    this.reason = reason
  }
}
