// Registered, so that two copies of this package in one process recognise each other's errors.
const brand: unique symbol = Symbol.for('@geecache/singleflight/reentrant') as never

/** A run asked for a key that waits for this very run: both would have waited for ever. */
export interface ReentrantError extends Error {
  readonly code: 'reentrant'
}

export function reentrantError(key: unknown): ReentrantError {
  // Not every object has a text of its own.
  const name = typeof key === 'object' ? 'an object' : String(key)
  const error = new Error(`the run of ${name} asked for its own key`)
  return Object.assign(error, { code: 'reentrant' as const, [brand]: true })
}

/** Whether `error` is a ReentrantError, of whichever copy of this package. */
export function isReentrantError(error: unknown): error is ReentrantError {
  return Object(error)[brand] === true
}
