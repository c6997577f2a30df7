import { attempt } from './attempt.ts'
import { SingleFlightError } from './errors.ts'
import type { Flight } from './flight.ts'
import type { Flights } from './flights.ts'
import { type CallOptions, checkFunction, resolveSignal } from './options.ts'
import type { BatchFunction } from './singleflight.ts'

export async function doMany<K, V>(
  flights: Flights<K, V>,
  keys: Iterable<K>,
  fn: BatchFunction<K, V>,
  options: CallOptions | undefined,
): Promise<PromiseSettledResult<V>[]> {
  const signal = resolveSignal(options)
  checkFunction(fn)
  const asked = [...keys]
  const batch = new Map<K, Flight<V>>()
  const controller = signal || fn.length > 1 ? new AbortController() : undefined
  let left = 0
  const work = controller && {
    signal: controller.signal,
    abort(reason: unknown) {
      if (--left === 0) controller.abort(reason)
    },
  }
  const waits = new Map<K, Promise<V>>()
  for (const key of asked) {
    if (waits.has(key)) continue
    try {
      let flight = flights.find(key, signal)
      if (!flight) {
        flight = flights.open(key, work)
        batch.set(key, flight)
      }
      waits.set(key, flight.join(signal))
    } catch (refusal) {
      waits.set(key, Promise.reject(refusal))
    }
  }
  left = batch.size
  if (left) runBatch(batch, fn, controller?.signal ?? flights.never)
  const outcomes = await Promise.allSettled(asked.map((key) => waits.get(key) as Promise<V>))
  signal?.throwIfAborted()
  return outcomes
}

function runBatch<K, V>(batch: Map<K, Flight<V>>, fn: BatchFunction<K, V>, signal: AbortSignal): void {
  const keys = [...batch.keys()]
  const flights = [...batch.values()]
  attempt(fn, keys, signal)
    .then((results) => {
      if (!Array.isArray(results) || results.length !== flights.length) {
        const received = Array.isArray(results) ? results.length : results
        throw new SingleFlightError(
          'batch-mismatch',
          `fn must answer with an array of ${flights.length} results, one for each key, got ${received}`,
        )
      }
      flights.forEach((flight, i) => {
        const result = results[i]
        if (result instanceof Error) flight.reject(result)
        else flight.resolve(result as V)
      })
    })
    .catch((reason) => {
      for (const flight of flights) flight.reject(reason)
    })
  for (const flight of flights) flight.starting = false
}
