import type { Random } from './proxy/random.ts'

/** Draws numbers from 0 up to `keys`, number i in proportion to 1 / (i + 1) ** skew: 0 all alike, 1 Zipf's law. */
export function keyChoice(keys: number, skew: number, random: Random): () => number {
  if (skew === 0) return () => Math.floor(random() * keys)
  const sums = new Float64Array(keys)
  let total = 0
  for (let i = 0; i < keys; i++) {
    total += 1 / (i + 1) ** skew
    sums[i] = total
  }
  return () => {
    const drawn = random() * total
    let low = 0
    let high = keys - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] as number) > drawn) high = middle
      else low = middle + 1
    }
    return low
  }
}
