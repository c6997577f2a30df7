import type { Toxic } from '../toxic.ts'

/** Sends each chunk twice, with this probability. */
export function duplicate(probability = 1): Toxic {
  return ({ random }) => ({
    *chunk(bytes) {
      yield bytes
      if (random() < probability) yield bytes
    },
  })
}
