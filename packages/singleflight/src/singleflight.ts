import { doMany } from './do-many.ts'
import type { Flight } from './flight.ts'
import { Flights } from './flights.ts'
import {
  type CallOptions,
  checkFunction,
  resolveOptions,
  resolveSignal,
  type SingleFlightOptions,
} from './options.ts'

export type SingleFunction<V> = (signal: AbortSignal) => V | PromiseLike<V>
export type BatchFunction<K, V> = (
  keys: K[],
  signal: AbortSignal,
) => readonly (V | Error)[] | PromiseLike<readonly (V | Error)[]>
export interface Shared<V> {
  readonly value: V
  readonly shared: boolean
}

export class SingleFlight<K, V> {
  readonly #flights: Flights<K, V>

  constructor(options?: SingleFlightOptions) {
    this.#flights = new Flights(resolveOptions(options))
  }

  do(key: K, fn: SingleFunction<V>, options?: CallOptions): Promise<V> {
    return this.#do(key, fn, options, wait)
  }

  doShared(key: K, fn: SingleFunction<V>, options?: CallOptions): Promise<Shared<V>> {
    return this.#do(key, fn, options, waitShared)
  }

  doMany(
    keys: Iterable<K>,
    fn: BatchFunction<K, V>,
    options?: CallOptions,
  ): Promise<PromiseSettledResult<V>[]> {
    return doMany(this.#flights, keys, fn, options)
  }

  forget(key: K): boolean {
    return this.#flights.byKey.delete(key)
  }

  has(key: K): boolean {
    return this.#flights.byKey.has(key)
  }

  waiters(key: K): number {
    return this.#flights.byKey.get(key)?.waiters ?? 0
  }

  get size(): number {
    return this.#flights.byKey.size
  }

  #do<T>(
    key: K,
    fn: SingleFunction<V>,
    options: CallOptions | undefined,
    join: (flight: Flight<V>, signal: AbortSignal | undefined) => Promise<T>,
  ): Promise<T> {
    try {
      const signal = resolveSignal(options)
      checkFunction(fn)
      const flight = this.#flights.find(key, signal)
      if (flight) return join(flight, signal)
      const work = signal || fn.length > 0 ? new AbortController() : undefined
      const opened = this.#flights.open(key, work)
      // Joined before it runs: the run itself may make this caller leave.
      const promise = join(opened, signal)
      opened.run(fn, work?.signal ?? this.#flights.never)
      return promise
    } catch (refusal) {
      return Promise.reject(refusal)
    }
  }
}

function wait<V>(flight: Flight<V>, signal: AbortSignal | undefined): Promise<V> {
  return flight.join(signal)
}

function waitShared<V>(flight: Flight<V>, signal: AbortSignal | undefined): Promise<Shared<V>> {
  return flight.join(signal).then((value) => ({ value, shared: flight.waiters > 1 }))
}
