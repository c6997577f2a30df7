/// <reference types="node" />
import { expect, test } from 'vitest'
import { goRing, HashRing, type HashRingOptions } from '../src/index.ts'

const rings: readonly [string, HashRingOptions][] = [
  ['the balanced ring', {}],
  ['a seeded ring', { seed: 'only the cluster knows' }],
  ['goRing', goRing],
]
const keys: readonly [string, (i: number) => string][] = [
  ['short keys', (i) => `user:${i}`],
  ['long keys', (i) => `user:${i}`.padEnd(80, 'x')],
  ['keys that are not ASCII', (i) => `größe:${i}:日本`],
]
const cases = rings.flatMap(([ring, options]) =>
  keys.map(([kind, keyOf]) => [ring, kind, options, keyOf] as const),
)

test.each(cases)('on %s, a get allocates nothing for %s', (_, _kind, options, keyOf) => {
  const ring = new HashRing(options).add('a', 'b', 'c')
  const asked = Array.from({ length: 1000 }, (_, i) => keyOf(i))
  let length = 0
  const get = (times: number) => {
    for (let i = 0; i < times; i++) for (const key of asked) length += ring.get(key)!.length
  }
  const bytesPerGet = () => {
    const before = process.memoryUsage().heapUsed
    get(100)
    return (process.memoryUsage().heapUsed - before) / 100_000
  }
  // Until the compiler is done, which on a busy machine comes late, numbers are boxed; a get that
  // itself allocates does so in every round.
  let rounds = 0
  let quiet = 0
  while (quiet < 2 && rounds < 200) {
    rounds += 1
    quiet = Math.abs(bytesPerGet()) < 1 ? quiet + 1 : 0
  }
  expect(quiet).toBe(2)
  expect(length).toBe(rounds * 100_000)
})
