import type { Toxic } from '../toxic.ts'

/** Closes the connection when `maxBytes` have gone through. */
export function limitData(maxBytes: number): Toxic {
  return ({ close }) => {
    let left = maxBytes
    return {
      *chunk(bytes) {
        if (left > 0) yield bytes.subarray(0, left)
        left -= bytes.length
        if (left <= 0) close()
      },
    }
  }
}
