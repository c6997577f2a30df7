import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrequencySketch } from './frequency-sketch.ts'

describe('FrequencySketch', () => {
  it('never estimates too low', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string(), fc.integer({ min: 1, max: 5 })), { maxLength: 500 }),
        (requests) => {
          const sketch = new FrequencySketch(1000, () => 0)
          const counts = new Map<string, number>()
          for (const [key, times] of requests) {
            const count = (counts.get(key) ?? 0) + times
            counts.set(key, count)
            expect(sketch.add(key, times)).toBeGreaterThanOrEqual(count)
          }
        },
      ),
    )
  })

  it('is exact for nearly all of a thousand keys', () => {
    const sketch = new FrequencySketch(1000, () => 0)
    for (let round = 0; round < 4; round++) for (let i = 0; i < 1000; i++) sketch.add(`key-${i}`)
    const wrong = Array.from({ length: 1000 }, (_, i) => sketch.add(`key-${i}`)).filter(
      (count) => count !== 5,
    )
    expect(wrong.length).toBeLessThan(20)
  })

  it('halves its counts after each period, however many have passed', () => {
    let time = 0
    const sketch = new FrequencySketch(1000, () => time)
    sketch.add('Tom', 64)
    time = 1000
    expect(sketch.add('Tom', 0)).toBe(32)
    time = 3999
    expect(sketch.add('Tom', 0)).toBe(8)
    time = 1e9
    expect(sketch.add('Tom', 0)).toBe(0)
  })

  it('keeps to its periods, also when nobody looks at their ends', () => {
    let time = 0
    const sketch = new FrequencySketch(1000, () => time)
    sketch.add('Tom', 64)
    time = 1999
    expect(sketch.add('Tom', 0)).toBe(32)
    time = 2000
    expect(sketch.add('Tom', 0)).toBe(16)
  })

  it('does not overflow', () => {
    const sketch = new FrequencySketch(1000, () => 0)
    sketch.add('Tom', 0xffff)
    expect(sketch.add('Tom', 10)).toBe(0xffff)
  })
})

describe('FrequencySketch, at its limits', () => {
  it.each([[16], [32], [1000]])('has forgotten everything after %d periods', (periods) => {
    let now = 0
    const sketch = new FrequencySketch(1000, () => now)
    sketch.add('Tom', 60_000)
    now = periods * 1000
    expect(sketch.add('Tom')).toBe(1)
  })

  it('raises only the counters that are too low, so that many rare keys make none look hot', () => {
    const sketch = new FrequencySketch(1000, () => 0)
    for (let i = 0; i < 20_000; i++) sketch.add(`key ${i}`)
    let sum = 0
    for (let i = 0; i < 1000; i++) sum += sketch.add(`other ${i}`, 0)
    expect(sum / 1000).toBeLessThan(2.2)
  })
})
