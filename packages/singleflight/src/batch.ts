/**
 * Loads the values of many keys: one result for each key, in the same order, where an Error is the failure of that key
 * alone. `signal` aborts when the last caller of the last key has left.
 */
export type BatchRun<K, V> = (
  keys: K[],
  signal: AbortSignal,
) => readonly (V | Error)[] | PromiseLike<readonly (V | Error)[]>

/** Calls `fn` at once, and sees to it that it answers with one result for each key. */
export async function runBatch<K, V>(
  fn: BatchRun<K, V>,
  keys: readonly K[],
  signal: AbortSignal,
): Promise<readonly (V | Error)[]> {
  // A copy, because fn may do with its keys what it likes.
  const results = await fn([...keys], signal)
  const received = Array.isArray(results) ? results.length : results
  if (received === keys.length) return results
  throw new TypeError(`expected ${keys.length} results, got ${received}`)
}
