/** Writes a span of time: whole milliseconds, rounded down, so that nothing lives longer by travelling. */
export function formatMilliseconds(ms: number): string {
  return String(Math.min(Math.floor(ms), Number.MAX_SAFE_INTEGER))
}

/** Reads what {@link formatMilliseconds} wrote; undefined for anything else. */
export function parseMilliseconds(text: string): number | undefined {
  const ms = Number(text)
  return /^\d{1,16}$/.test(text) && Number.isSafeInteger(ms) ? ms : undefined
}
