/** Every reason for which this package itself rejects, as opposed to the work it was given. */
export type SingleFlightErrorCode =
  /** A run asked for a key that waits for this very run: it would have waited for itself for ever. */
  | 'reentrant'
  /** The function given to doMany() did not answer with one result for each key it was asked for. */
  | 'batch-mismatch'

// Registered, so that two copies of this package in one process recognise each other's errors.
const brand: unique symbol = Symbol.for('@geecache/singleflight/error') as never

/** An error of this package itself. Its `code` stays the same from one version to the next. */
export class SingleFlightError extends Error {
  override readonly name: string = 'SingleFlightError'
  readonly code: SingleFlightErrorCode

  constructor(code: SingleFlightErrorCode, message: string) {
    super(message)
    this.code = code
    Object.defineProperty(this, brand, { value: true })
  }
}

/** Whether `error` is a SingleFlightError, of whichever copy of the package, and has this `code` if one is given. */
export function isSingleFlightError(
  error: unknown,
  code?: SingleFlightErrorCode,
): error is SingleFlightError {
  const marked: Partial<SingleFlightError> = Object(error)
  return brand in marked && (code === undefined || marked.code === code)
}
