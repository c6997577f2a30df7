import type { Toxic } from '../toxic.ts'

/** Turns over one bit of the byte at `offset` from the start of the connection. */
export function corrupt(offset: number): Toxic {
  return ({ random }) => {
    let passed = 0
    return {
      *chunk(bytes) {
        const at = offset - passed
        passed += bytes.length
        if (at < 0 || at >= bytes.length) return yield bytes
        const wrong = Buffer.from(bytes)
        wrong[at] = (wrong[at] as number) ^ (1 << Math.floor(8 * random()))
        yield wrong
      },
    }
  }
}
