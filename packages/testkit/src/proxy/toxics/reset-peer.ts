import type { Toxic } from '../toxic.ts'

/** Resets the connection, on both sides, `ms` milliseconds after the first chunk, which does not go through. */
export function resetPeer(ms = 0): Toxic {
  return ({ wait, reset }) => ({
    // biome-ignore lint/correctness/useYield: nothing goes through
    async *chunk() {
      if (ms > 0) await wait(ms)
      reset()
    },
  })
}
