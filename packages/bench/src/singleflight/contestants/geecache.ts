import { SingleFlight } from '@geecache/singleflight'
import type { Coalescer } from './coalescer.ts'

export function make(): Coalescer {
  const flights = new SingleFlight<unknown, unknown>()
  return {
    takesSignal: true,
    get: (key, load, signal) => flights.do(key, (own) => load(own), signal && { signal }),
    forget: (key) => flights.forget(key),
  }
}

/** Callers who cannot leave, and loads that declare no parameter: no signal is made for them. */
export function makeWithoutSignals(): Coalescer {
  const flights = new SingleFlight<unknown, unknown>()
  return { get: (key, load) => flights.do(key, load) }
}

/** Every caller brings a signal, the same for all. */
export function makeWithSignals(): Coalescer {
  const flights = new SingleFlight<unknown, unknown>()
  const options = { signal: new AbortController().signal }
  return { get: (key, load) => flights.do(key, (own) => load(own), options) }
}
