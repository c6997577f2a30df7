import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pickBounded } from './bounded-load.ts'
import { HashRing } from './hash-ring.ts'

const nodes = ['a', 'b', 'c', 'd']

test('no node ever carries more than factor times its fair share, rounded up', () => {
  const weighted = fc.record({
    name: fc.string({ minLength: 1 }),
    weight: fc.constantFrom(1, 1, 0.5, 2, 3),
  })
  fc.assert(
    fc.property(
      fc.uniqueArray(weighted, { minLength: 1, maxLength: 8, selector: ({ name }) => name }),
      fc.double({ min: 1, minExcluded: true, max: 4, noNaN: true }),
      fc.array(fc.string(), { maxLength: 200 }),
      fc.boolean(),
      (added, factor, keys, totalGiven) => {
        const ring = new HashRing({ replicas: 64 }).add(...added)
        const loads = new Map<string, number>()
        let picked = 0
        const loadOf = (name: string) => loads.get(name) ?? 0
        const options = { loadOf, factor, ...(totalGiven ? { totalLoad: () => picked } : {}) }
        for (const key of keys) {
          const name = pickBounded(ring, key, options)!
          loads.set(name, loadOf(name) + 1)
          picked++
          expect(loadOf(name)).toBeLessThanOrEqual(Math.ceil(factor * picked * ring.fairShare(name)))
        }
      },
    ),
    { numRuns: 100 },
  )
})

test('one hot key spreads over the ring in ring order', () => {
  const ring = new HashRing().add(...nodes)
  const loads = new Map(nodes.map((name) => [name, 0]))
  for (let i = 0; i < 400; i++) {
    const name = pickBounded(ring, 'hot', { loadOf: (name) => loads.get(name)! })!
    loads.set(name, loads.get(name)! + 1)
  }
  expect(ring.getN('hot', 4).map((name) => loads.get(name))).toEqual([125, 125, 125, 25])
})

test('without load every key goes to its owner', () => {
  const ring = new HashRing().add(...nodes)
  for (let i = 0; i < 100; i++) expect(pickBounded(ring, `${i}`, { loadOf: () => 0 })).toBe(ring.get(`${i}`))
})

test('a caller who knows the whole load is asked for the loads of those nodes only that may be picked', () => {
  const ring = new HashRing().add(...nodes)
  const asked: string[] = []
  const loadOf = (name: string) => asked.push(name) - 1
  expect(pickBounded(ring, 'hot', { loadOf, totalLoad: () => 0 })).toBe(ring.get('hot'))
  expect(asked).toEqual([ring.get('hot')])
})

test('an empty ring has nothing to pick', () => {
  expect(pickBounded(new HashRing(), 'key', { loadOf: () => 0 })).toBeUndefined()
})

test.each([1, 0.5, -1, Number.NaN])('factor %d is refused', (factor) => {
  const pick = () => pickBounded(new HashRing().add('a'), 'key', { loadOf: () => 0, factor })
  expect(pick).toThrow(new RangeError(`factor must be a number above 1, got ${factor}`))
})
