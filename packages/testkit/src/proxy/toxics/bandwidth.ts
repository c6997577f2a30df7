import type { Toxic } from '../toxic.ts'

const slicesPerSecond = 10

/** Lets through so many bytes a second, ten times a second. */
export function bandwidth(bytesPerSecond: number): Toxic {
  const slice = Math.max(1, Math.floor(bytesPerSecond / slicesPerSecond))
  return ({ wait }) => ({
    async *chunk(bytes) {
      for (let at = 0; at < bytes.length; at += slice) {
        const part = bytes.subarray(at, at + slice)
        await wait((1000 * part.length) / bytesPerSecond)
        yield part
      }
    },
  })
}
