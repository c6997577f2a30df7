import { seededRandom } from '../harness/index.ts'

/**
 * Numbers from 0 below `items` in which number k comes with a probability that falls with (k + 1) ** exponent.
 * The same seed gives the same numbers.
 */
export function zipf(items: number, exponent: number, count: number, seed: number): Uint32Array {
  const cumulative = new Float64Array(items)
  let sum = 0
  for (let k = 0; k < items; k++) {
    sum += (k + 1) ** -exponent
    cumulative[k] = sum
  }
  const random = seededRandom(seed)
  return Uint32Array.from({ length: count }, () => firstAbove(cumulative, random() * sum))
}

/** The first index whose value is above the given one. */
function firstAbove(ascending: Float64Array, value: number): number {
  let low = 0
  let high = ascending.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle]! > value) high = middle
    else low = middle + 1
  }
  return low
}
