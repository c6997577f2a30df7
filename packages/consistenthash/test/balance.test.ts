import { describe, expect, test } from 'vitest'
import { crc32, goRing, HashRing } from '../src/index.ts'
import { names, namingSchemes } from './naming.ts'

function heaviest(ring: HashRing): number {
  return Math.max(...ring.shares().values()) * ring.size
}

describe.each(Object.entries(namingSchemes))('nodes named by %s', (_, scheme) => {
  test.each([
    [3, 1.08],
    [10, 1.08],
    [100, 1.13],
  ])('the heaviest of %i carries at most %f times the mean', (count, bound) => {
    expect(heaviest(new HashRing().add(...names(scheme, count)))).toBeLessThan(bound)
    expect(heaviest(new HashRing({ seed: 'secret' }).add(...names(scheme, count)))).toBeLessThan(bound)
  })

  test('weights shift the shares in proportion', () => {
    const ring = new HashRing().add(...names(scheme, 8).map((name, i) => ({ name, weight: i + 0.5 })))
    for (const [name, share] of ring.shares()) {
      const tolerance = ring.fairShare(name) < 0.05 ? 0.1 : 0.05 // fewer points, more chance
      expect(Math.abs(share / ring.fairShare(name) - 1)).toBeLessThan(tolerance)
    }
  })
})

test.each([
  ['sequential keys', (i: number) => `user:${i}:profile`],
  ['short keys', (i: number) => i.toString(36)],
])('a million %s fall as the shares say', (_, keyOf) => {
  const ring = new HashRing().add(...names(namingSchemes['pod names']!, 10))
  const counts = new Map<string, number>()
  for (let i = 0; i < 1_000_000; i++) {
    const owner = ring.get(keyOf(i))!
    counts.set(owner, (counts.get(owner) ?? 0) + 1)
  }
  expect(Math.max(...counts.values()) / 100_000).toBeLessThan(1.08)
  for (const [name, share] of ring.shares())
    expect(Math.abs(counts.get(name)! / 1e6 - share)).toBeLessThan(0.002)
})

test("Go's ring is not the balanced one, and CRC-32 is why: more points do not help", () => {
  const hundred = names(namingSchemes['URLs that differ in the port']!, 100)
  expect(heaviest(new HashRing(goRing).add(...hundred))).toBeGreaterThan(1.3)
  expect(heaviest(new HashRing({ hash: crc32, replicas: 512 }).add(...hundred))).toBeGreaterThan(1.3)
})
