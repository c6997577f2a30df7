/**
 * Throws the error for a value that is not what was expected: a `RangeError` for a number out of range, a
 * `TypeError` for anything that is no number.
 */
export function refuse(name: string, expected: string, received?: unknown): never {
  const shown = typeof received === 'string' ? JSON.stringify(received) : String(received)
  const message = `${name} must be ${expected}, got ${shown}`
  throw typeof received === 'number' ? new RangeError(message) : new TypeError(message)
}
