import { expect, it } from 'vitest'
import { keyChoice } from './key-choice.ts'
import { seededRandom } from './proxy/random.ts'

function drawn(keys: number, skew: number): number[] {
  const counts = Array<number>(keys).fill(0)
  const draw = keyChoice(keys, skew, seededRandom(1))
  for (let i = 0; i < 100_000; i++) {
    const key = draw()
    counts[key] = (counts[key] as number) + 1
  }
  return counts
}

it('draws all alike without skew', () => {
  for (const count of drawn(10, 0)) expect(Math.abs(count - 10_000)).toBeLessThan(500)
})

it('follows Zipf’s law', () => {
  const [first = 0, second = 0, third = 0] = drawn(100, 1)
  expect(Math.abs(first / second - 2)).toBeLessThan(0.1)
  expect(Math.abs(first / third - 3)).toBeLessThan(0.2)
})
