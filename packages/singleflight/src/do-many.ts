import type { Work } from './flight.ts'
import type { BatchRun } from './singleflight.ts'

/**
 * @param board what do() does for one key: calls `start` at once if the key is not in flight, and tells `work` when
 * everybody who waits for the key has left
 */
export async function doMany<K, V>(
  keys: Iterable<K>,
  fn: BatchRun<K, V>,
  signal: AbortSignal | undefined,
  board: (key: K, start: () => Promise<V>, work: Work) => Promise<V>,
): Promise<PromiseSettledResult<V>[]> {
  const controller = new AbortController()
  const rest: K[] = []
  let abandoned = 0
  const work = {
    signal: controller.signal,
    starting: true,
    abort(reason: unknown): void {
      if (++abandoned === rest.length) controller.abort(reason)
    },
  }
  const asked = [...keys]
  const outcomes = new Map<K, Promise<V>>()
  for (const key of asked) {
    if (outcomes.has(key)) continue
    const start = async (): Promise<V> => {
      const index = rest.push(key) - 1
      await undefined // By then fn has been called, with all the rest.
      const result = (await results)[index]
      if (result instanceof Error) throw result
      return result as V
    }
    outcomes.set(key, board(key, start, work))
  }
  const results = rest.length ? answers(rest, fn, work.signal) : []
  work.starting = false
  const settled = await Promise.allSettled(asked.map((key) => outcomes.get(key) as Promise<V>))
  signal?.throwIfAborted()
  return settled
}

async function answers<K, V>(
  keys: K[],
  fn: BatchRun<K, V>,
  signal: AbortSignal,
): Promise<readonly (V | Error)[]> {
  // A copy, because fn may do with its keys what it likes.
  const results = await fn([...keys], signal)
  const count = Array.isArray(results) ? results.length : String(results)
  if (count === keys.length) return results
  throw new TypeError(`fn must answer with an array of ${keys.length} results, got ${count}`)
}
