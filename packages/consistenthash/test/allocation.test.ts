/// <reference types="node" />
import { expect, test, vi } from 'vitest'

type Package = typeof import('../src/index.ts')

const rings: readonly [string, (from: Package) => InstanceType<Package['HashRing']>][] = [
  ['the balanced ring', ({ HashRing }) => new HashRing()],
  ['a seeded ring', ({ HashRing }) => new HashRing({ seed: 'only the cluster knows' })],
  ['goRing', ({ HashRing, goRing }) => new HashRing(goRing)],
]
const keys: readonly [string, (i: number) => string][] = [
  ['short keys', (i) => `user:${i}`],
  ['long keys', (i) => `user:${i}`.padEnd(80, 'x')],
  ['keys that are not ASCII', (i) => `größe:${i}:日本`],
]
const cases = rings.flatMap(([ring, make]) => keys.map(([kind, keyOf]) => [ring, kind, make, keyOf] as const))

// Numbers are boxed until the compiler is done, and what it makes of a function depends on what it has seen when it comes
// to it, which on a busy machine is not always the same. A get that itself allocates does so for every compiler, always.
const attempts = 12
const rounds = 30
// The smallest object takes 16 bytes. What the process does besides comes to about one for each get of a round.
const noise = 4

test.each(cases)('on %s, a get allocates nothing for %s', async (_, _kind, make, keyOf) => {
  const asked = Array.from({ length: 1000 }, (_, i) => keyOf(i))
  const least: number[] = []
  for (let attempt = 0; attempt < attempts && Math.min(...least) >= noise; attempt++) {
    vi.resetModules()
    const ring = make(await import('../src/index.ts')).add('a', 'b', 'c')
    least.push(leastBytesPerGet(ring, asked))
  }
  expect(Math.min(...least)).toBeLessThan(noise)
})

/** Of two rounds in a row, so that no collection of garbage makes up for what was allocated. */
function leastBytesPerGet(ring: { get(key: string): string | undefined }, asked: readonly string[]): number {
  let length = 0
  let least = Number.POSITIVE_INFINITY
  let last = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds && least >= noise; round++) {
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < 100; i++) for (const key of asked) length += ring.get(key)!.length
    const bytes = Math.abs(process.memoryUsage().heapUsed - before) / 100_000
    least = Math.min(least, Math.max(last, bytes))
    last = bytes
  }
  expect(length % 100_000).toBe(0)
  return least
}
