import { type Measurement, rate, runSuite } from '../harness/index.ts'
import type { MakeCache } from './contestants/cache.ts'
import { contestants } from './contestants/index.ts'
import { zipf } from './zipf.ts'

const KEYS = 1_000_000
const LOOKUPS = 1_000_000

interface Work {
  readonly capacity: number
  readonly keyLength: 16 | 64
  /** Are keys built anew for each look-up, as when they come from the network? Then V8 has not hashed them yet. */
  readonly isFresh: boolean
}

const works: readonly Work[] = [10_000, 100_000].flatMap((capacity) =>
  ([16, 64] as const).flatMap((keyLength) =>
    [false, true].map((isFresh) => ({ capacity, keyLength, isFresh })),
  ),
)

await runSuite<MakeCache>(import.meta.url, {
  name: 'lru',
  about:
    'Zipf 0.99 over a million string keys. hit: get of keys that are held. mix: get, and set after a miss; its hit ratio beside it. ' +
    'evict: set of new keys in a full cache. Fresh keys are built for each operation, which is part of the time.',
  baseline: 'lru-cache (size, ttl)',
  metrics: {
    hit: { unit: 'M/s', better: 'more' },
    mix: { unit: 'M/s', better: 'more' },
    'hit ratio': { unit: '', better: 'more', digits: 3 },
    evict: { unit: 'M/s', better: 'more' },
  },
  contestants,
  cases: Object.fromEntries(works.map((work) => [nameOf(work), (make: MakeCache) => measure(make, work)])),
})

function nameOf({ capacity, keyLength, isFresh }: Work): string {
  return `${capacity / 1000} k entries, ${keyLength} characters, ${isFresh ? 'fresh' : 're-used'} keys`
}

function measure(make: MakeCache, { capacity, keyLength, isFresh }: Work): Measurement {
  // Key k is built from a stem that all share and its number, so fresh strings cost one short concatenation.
  const stem = 'k'.repeat(keyLength - 7)
  const build = (k: number): string => flat(stem + (1_000_000 + k))
  const reused = isFresh ? [] : Array.from({ length: KEYS }, (_, k) => build(k))
  const key = isFresh ? build : (k: number): string => reused[k]!
  const value = { any: 'object' }

  const asked = zipf(KEYS, 0.99, LOOKUPS, 1)
  const mixed = make(capacity)
  let lookups = 0
  let hits = 0
  const lookUp = (): number => {
    for (let i = 0; i < asked.length; i++) {
      const wanted = key(asked[i]!)
      if (mixed.get(wanted) === undefined) mixed.set(wanted, value)
      else hits++
    }
    lookups += asked.length
    return asked.length
  }
  lookUp()
  lookups = hits = 0
  const mix = rate(lookUp)

  const held = make(capacity)
  for (let k = 0; k < capacity; k++) held.set(key(k), value)
  const wanted = zipf(capacity, 0.99, LOOKUPS, 2)
  const hit = rate(() => {
    let found = 0
    for (let i = 0; i < wanted.length; i++) if (held.get(key(wanted[i]!)) !== undefined) found++
    if (found !== wanted.length) throw new Error(`expected ${wanted.length} hits, got ${found}`)
    return found
  })

  const full = make(capacity)
  let next = 0
  const evict = rate(() => {
    for (let i = 0; i < LOOKUPS / 4; i++) {
      full.set(key(next), value)
      next = next + 1 === KEYS ? 0 : next + 1
    }
    return LOOKUPS / 4
  })
  return { hit, mix, 'hit ratio': hits / lookups, evict }
}

/** The same string in one piece: V8 joins strings of 13 characters or more only when something looks into them. */
function flat(text: string): string {
  Number(text)
  return text
}
