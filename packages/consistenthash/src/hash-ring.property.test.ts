import fc from 'fast-check'
import { expect, test } from 'vitest'
import { names, namingSchemes } from '../test/naming.ts'
import { anyText } from '../test/texts.ts'
import { murmur3 } from './hash/murmur3.ts'
import { HashRing, type WeightedNode } from './hash-ring.ts'
import type { HashRingOptions } from './options.ts'
import { goRing, mailgunRing } from './presets.ts'

/** Every way of placing points, with few of them and with collisions too. */
const rings: [string, HashRingOptions][] = [
  ['balanced', {}],
  ['balanced, seeded', { seed: 'secret', replicas: 16 }],
  ['classic', { hash: murmur3, replicas: 16 }],
  ['classic with many collisions', { hash: (text) => murmur3(text) >>> 24, hashBits: 8, replicas: 8 }],
  ["Go's", goRing],
  ["mailgun's", { ...mailgunRing, replicas: 5 }],
]

const node: fc.Arbitrary<WeightedNode> = fc.record({
  name: anyText().filter((name) => name !== ''),
  weight: fc.constantFrom(1, 1, 1, 0, 0.5, 2, 3.3),
})
const nodes = fc.uniqueArray(node, { minLength: 1, maxLength: 12, selector: ({ name }) => name })
const keys = fc.array(anyText(), { minLength: 1, maxLength: 20 })
const runs = { numRuns: 40 }

test.each(rings)('%s: get, getN and pick agree, and getN is distinct', (_, options) => {
  fc.assert(
    fc.property(nodes, keys, fc.nat(14), (added, sample, n) => {
      const ring = new HashRing(options).add(...added)
      for (const key of sample) {
        const order = ring.getN(key, added.length)
        expect(new Set(order).size).toBe(order.length)
        expect(order[0]).toBe(ring.get(key))
        expect(ring.getN(key, n)).toEqual(order.slice(0, n))
        const last = order.at(-1)
        expect(ring.pick(key, (name) => name === last)).toBe(last)
      }
    }),
    runs,
  )
})

test.each(rings)('%s: the same nodes make the same ring after any adding and removing', (_, options) => {
  fc.assert(
    fc.property(nodes, nodes, keys, fc.infiniteStream(fc.nat()), (stay, leave, sample, dice) => {
      const straight = new HashRing(options).add(...stay)
      const detour = new HashRing(options)
      const steps = [...leave, ...stay].map((item) => ({ item, at: dice.next().value! }))
      for (const { item } of steps.sort((a, b) => a.at - b.at)) {
        detour.add(item)
        if (dice.next().value! % 3 === 0) detour.get('a look-up between')
      }
      const staying = new Set(stay.map(({ name }) => name))
      detour.remove(...leave.map(({ name }) => name).filter((name) => !staying.has(name)))
      detour.add(...stay)
      expect(detour.shares()).toEqual(straight.shares())
      for (const key of sample) expect(detour.getN(key, 12)).toEqual(straight.getN(key, 12))
    }),
    runs,
  )
})

test.each(rings)('%s: a new node takes keys, and the others keep their order for every key', (_, options) => {
  fc.assert(
    fc.property(nodes, node, (before, added) => {
      fc.pre(before.every(({ name }) => name !== added.name))
      const ring = new HashRing(options).add(...before)
      const sample = names((i) => `key-${i}`, 200)
      const orders = () => sample.map((key) => ring.getN(key, 99))
      const old = orders()
      ring.add(added)
      const withAdded = orders()
      expect(withAdded.map((order) => order.filter((name) => name !== added.name))).toEqual(old)
      expect(sample.map((key) => ring.get(key))).toEqual(withAdded.map((order) => order[0]))
      ring.remove(added.name)
      expect(orders()).toEqual(old)
    }),
    runs,
  )
})

test.each(rings)('%s: more weight takes keys and gives none away', (_, options) => {
  fc.assert(
    fc.property(nodes, fc.nat(), fc.double({ min: 0.1, max: 4, noNaN: true }), (added, at, more) => {
      const { name, weight = 1 } = added[at % added.length]!
      const ring = new HashRing(options).add(...added)
      const sample = names((i) => `key-${i}`, 300)
      const before = sample.map((key) => ring.get(key))
      ring.add({ name, weight: weight + more })
      const after = sample.map((key) => ring.get(key))
      expect(after.filter((owner, i) => owner !== before[i] && owner !== name)).toEqual([])
    }),
    runs,
  )
})

test.each(rings)('%s: shares sum to 1 and are what sampled keys see', (_, options) => {
  const ring = new HashRing(options).add(...names(namingSchemes['pod names']!, 7))
  const shares = ring.shares()
  expect([...shares.values()].reduce((sum, share) => sum + share)).toBeCloseTo(1, 12)
  if (options === mailgunRing || options.hash === mailgunRing.hash) return // its keys are not spread evenly
  const count = new Map<string, number>()
  const sample = 100_000
  for (let i = 0; i < sample; i++) {
    const owner = ring.get(`${i}:${i * 7}`)!
    count.set(owner, (count.get(owner) ?? 0) + 1)
  }
  for (const [name, share] of shares)
    expect(Math.abs((count.get(name) ?? 0) / sample - share)).toBeLessThan(0.01)
})

test('a seed changes who owns what, and the same seed does not', () => {
  const five = names(namingSchemes.IPv6!, 5)
  const owners = (seed?: string | number) => {
    const ring = new HashRing(seed === undefined ? {} : { seed }).add(...five)
    return names((i) => `key-${i}`, 1000).map((key) => ring.get(key))
  }
  const same = (a: unknown[], b: unknown[]) => a.filter((owner, i) => owner === b[i]).length
  expect(owners('secret')).toEqual(owners('secret'))
  expect(owners(7)).toEqual(owners('7'))
  for (const other of [owners(), owners('secreu'), owners(''), owners(0)]) {
    expect(same(owners('secret'), other)).toBeLessThan(300)
  }
})
