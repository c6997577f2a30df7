const longestShown = 80

/** A received value as an error message shows it: short, whatever it is. */
export function show(value: unknown): string {
  const text = literal(value)
  return text.length > longestShown ? `${text.slice(0, longestShown)}… (${text.length} characters)` : text
}

function literal(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'string' && typeof value !== 'object') return String(value)
  try {
    return JSON.stringify(value) ?? 'an object'
  } catch {
    return 'an object' // a cycle, a BigInt inside, a toJSON that throws
  }
}
