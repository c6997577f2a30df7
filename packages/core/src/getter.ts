/** What a getter is told about the load it runs, and may say about the value it found. */
export interface GetterContext {
  /** Aborts when the last caller has left. */
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
