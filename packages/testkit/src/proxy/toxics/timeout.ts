import type { Toxic } from '../toxic.ts'

/** Lets nothing through, and closes the connection `ms` milliseconds after the first chunk; never if that is 0. */
export function timeout(ms: number): Toxic {
  return ({ wait, close }) => ({
    // biome-ignore lint/correctness/useYield: nothing goes through
    async *chunk() {
      await wait(ms === 0 ? 2 ** 31 - 1 : ms)
      close()
    },
    async end() {
      if (ms === 0) await wait(2 ** 31 - 1)
    },
  })
}
