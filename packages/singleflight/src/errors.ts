/** A run asked for a key that waits for this very run: both would have waited for ever. */
export interface ReentrantError extends Error {
  readonly code: 'reentrant'
  /** The key that was asked for. */
  readonly key: unknown
}

export function reentrantError(key: unknown): ReentrantError {
  // The key is no part of the message, because not every key has a text.
  return Object.assign(new Error('a run asked for its own key'), { code: 'reentrant' as const, key })
}

/** Whether `error` is a ReentrantError, of whichever copy of this package. */
export function isReentrantError(error: unknown): error is ReentrantError {
  return error instanceof Error && 'code' in error && error.code === 'reentrant'
}
