import type { Toxic } from '../toxic.ts'

/** Tells of the end of a connection `ms` milliseconds late. */
export function slowClose(ms: number): Toxic {
  return ({ wait }) => ({ end: () => wait(ms) })
}
