/** Throws the error for a value that is not what was expected: a `RangeError` for a number out of range. */
export function refuse(name: string, expected: string, received?: unknown): never {
  // What is expected is a number or an integer, or else no number at all.
  const Refusal = typeof received === 'number' && expected.endsWith('er') ? RangeError : TypeError
  const shown = typeof received === 'string' ? JSON.stringify(received) : String(received)
  throw new Refusal(`${name} must be ${expected}, got ${shown}`)
}
