import type { Toxic } from '../toxic.ts'

/** Holds up every chunk for `ms` milliseconds, give or take up to `jitterMs`. */
export function latency(ms: number, jitterMs = 0): Toxic {
  return ({ wait, random }) => ({
    async *chunk(bytes) {
      await wait(Math.max(0, ms + (2 * random() - 1) * jitterMs))
      yield bytes
    },
  })
}
