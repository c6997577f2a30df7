import type { Toxic } from '../toxic.ts'

/** Cuts chunks into pieces of about `averageBytes`, give or take up to `variation` bytes, `delayMs` apart. */
export function slicer(averageBytes: number, options: { variation?: number; delayMs?: number } = {}): Toxic {
  const { variation = 0, delayMs = 0 } = options
  return ({ wait, random }) => ({
    async *chunk(bytes) {
      for (let at = 0; at < bytes.length; ) {
        const length = Math.max(1, Math.round(averageBytes + (2 * random() - 1) * variation))
        if (delayMs > 0) await wait(delayMs)
        yield bytes.subarray(at, at + length)
        at += length
      }
    },
  })
}
