import { type Measurement, rate, runSuite } from '../harness/index.ts'
import type { MakeCache } from './contestants/cache.ts'
import { contestants } from './contestants/index.ts'
import { zipf } from './zipf.ts'

const KEYS = 1_000_000
const LOOKUPS = 1_000_000
/** Sets in a row between two looks at the time. */
const BATCH = 250_000

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
  const key = isFresh ? freshKeys(keyLength) : reusedKeys(keyLength)
  const value = { any: 'object' }

  const mixed = make(capacity)
  const asked = key(zipf(KEYS, 0.99, LOOKUPS, 1))
  let lookups = 0
  let hits = 0
  const lookUp = (): number => {
    for (let i = 0; i < LOOKUPS; i++) {
      const wanted = asked(i)
      if (mixed.get(wanted) === undefined) mixed.set(wanted, value)
      else hits++
    }
    lookups += LOOKUPS
    return LOOKUPS
  }
  lookUp()
  lookups = hits = 0
  const mix = rate(lookUp)

  const held = make(capacity)
  const holding = key(Uint32Array.from({ length: capacity }, (_, k) => k))
  for (let i = 0; i < capacity; i++) held.set(holding(i), value)
  const wanted = key(zipf(capacity, 0.99, LOOKUPS, 2))
  const hit = rate(() => {
    let found = 0
    for (let i = 0; i < LOOKUPS; i++) if (held.get(wanted(i)) !== undefined) found++
    if (found !== LOOKUPS) throw new Error(`expected ${LOOKUPS} hits, got ${found}`)
    return LOOKUPS
  })

  const full = make(capacity)
  const ever = key(Uint32Array.from({ length: KEYS }, (_, k) => k))
  let next = 0
  const evict = rate(() => {
    for (let i = 0; i < BATCH; i++) {
      full.set(ever(next), value)
      next = next + 1 === KEYS ? 0 : next + 1
    }
    return BATCH
  })
  return { hit, mix, 'hit ratio': hits / lookups, evict }
}

/** Gives the key for each place of a list of numbers. */
type Keys = (numbers: Uint32Array) => (place: number) => string

/** Strings that all share but for their last seven characters, so that comparing them is not made easy. */
function build(keyLength: number, k: number): string {
  return flat('k'.repeat(keyLength - 7) + (1_000_000 + k))
}

/** Every key is one and the same string each time: V8 has hashed it, and compares it by its address. */
function reusedKeys(keyLength: number): Keys {
  const strings = Array.from({ length: KEYS }, (_, k) => build(keyLength, k))
  return (numbers) => {
    const list = Array.from(numbers, (k) => strings[k]!)
    return (place) => list[place]!
  }
}

/** Every key is a new string each time, as those that come from the network are. */
function freshKeys(keyLength: number): Keys {
  return (numbers) => (place) => build(keyLength, numbers[place]!)
}

/** The same string in one piece: V8 joins strings of 13 characters or more only when something looks into them. */
function flat(text: string): string {
  Number(text)
  return text
}
