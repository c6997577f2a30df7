import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { seededRandom } from '../harness/index.ts'
import { beladyHits } from './belady.ts'
import { parseTrace, type Trace } from './trace.ts'
import { zipf } from './zipf.ts'

/** Tries every choice at every miss. */
function mostHits({ requests }: Trace, capacity: number, place = 0, held: readonly number[] = []): number {
  if (place === requests.length) return 0
  const key = requests[place]!
  if (held.includes(key)) return 1 + mostHits({ requests, distinct: 0 }, capacity, place + 1, held)
  const choices = [
    held,
    ...(held.length < capacity
      ? [[...held, key]]
      : held.map((out) => [...held.filter((k) => k !== out), key])),
  ]
  return Math.max(
    ...choices.map((choice) => mostHits({ requests, distinct: 0 }, capacity, place + 1, choice)),
  )
}

test('Belady’s optimum is what trying every choice finds', () => {
  const random = seededRandom(7)
  for (let i = 0; i < 200; i++) {
    const trace = { requests: Uint32Array.from({ length: 9 }, () => Math.floor(random() * 5)), distinct: 5 }
    const capacity = 1 + Math.floor(random() * 3)
    expect(beladyHits(trace, capacity), `${trace.requests} in ${capacity}`).toBe(mostHits(trace, capacity))
  }
})

test('a trace is one key a line, numbered by first appearance', async () => {
  const trace = await parseTrace(Readable.from(['b\na\r\n\nb\n', 'c']))
  expect(trace).toEqual({ requests: Uint32Array.of(0, 1, 0, 2), distinct: 3 })
})

test('Zipf numbers come as often as their rank says', () => {
  const counts = new Uint32Array(100)
  for (const number of zipf(100, 1, 200_000, 1)) counts[number]!++
  expect(counts[0]! / counts[1]!).toBeCloseTo(2, 1)
  expect(counts[0]! / counts[9]!).toBeCloseTo(10, 0)
})
