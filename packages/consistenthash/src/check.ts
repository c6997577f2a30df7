/** Throws unless `valid`: what was expected, and what came instead. */
export function check(
  valid: boolean,
  expected: string,
  received: unknown,
  ErrorType: ErrorConstructor = RangeError,
): void {
  if (valid) return
  throw new ErrorType(`${expected}, got ${typeof received === 'string' ? `"${received}"` : String(received)}`)
}
