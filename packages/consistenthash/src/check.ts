/** Throws a RangeError unless `valid`: what was expected, and what came instead. */
export function check(
  valid: boolean,
  expected: string,
  received: unknown,
  ErrorType: ErrorConstructor = RangeError,
): void {
  if (!valid) {
    throw new ErrorType(
      `${expected}, got ${typeof received === 'string' ? JSON.stringify(received) : String(received)}`,
    )
  }
}

/** As `check`, for what has the wrong type: throws a TypeError. */
export function checkType(valid: boolean, expected: string, received: unknown): void {
  check(valid, expected, received, TypeError)
}
