import { SingleFlight } from 'p-singleflight'
import type { Coalescer } from './coalescer.ts'

export function make(): Coalescer {
  const flights = new SingleFlight<PropertyKey>()
  return {
    get: (key, load) => flights.do(key as PropertyKey, load),
    forget: (key) => flights.forget(key as PropertyKey),
  }
}
