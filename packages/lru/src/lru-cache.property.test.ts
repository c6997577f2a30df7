import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NaiveCache, type NaiveOptions, type Removed } from '../test/naive-cache.ts'
import { LRUCache } from './lru-cache.ts'

type Key = string | number | undefined

/** The cache beside the model, on one clock, with what each has told of removals. */
class Pair {
  time = 0
  readonly removed: Removed<Key, number>[] = []
  readonly expectedRemoved: Removed<Key, number>[] = []
  readonly real: LRUCache<Key, number>
  readonly model: NaiveCache<Key, number>

  constructor(options: NaiveOptions) {
    this.real = new LRUCache<Key, number>({
      ...options,
      sizeOf: (value) => value % 7,
      now: () => this.time,
      onRemove: (value, key, reason) => this.removed.push({ value, key, reason }),
    })
    this.model = new NaiveCache<Key, number>(
      options,
      (value) => value % 7,
      () => this.time,
      (removed) => this.expectedRemoved.push(removed),
    )
  }

  check(): void {
    const { real, model } = this
    expect(this.removed).toEqual(this.expectedRemoved)
    expect([...real]).toEqual(model.live().map((entry) => [entry.key, entry.value]))
    expect([...real.keys()]).toEqual(model.live().map((entry) => entry.key))
    expect([...real.values()]).toEqual(model.live().map((entry) => entry.value))
    expect(real.size).toBe(model.entries.length)
    expect(real.bytes).toBe(model.bytes)
    expect(real.stats).toEqual(model.stats)
    expect(real.dump()).toEqual(model.dump())
    expect(real.size).toBeLessThanOrEqual(real.maxEntries)
    expect(real.bytes).toBeLessThanOrEqual(real.maxBytes)
  }
}

interface Step {
  readonly name: string
  run(pair: Pair): void
}

const keys: fc.Arbitrary<Key> = fc.constantFrom<Key[]>('a', 'b', 'c', 'd', 'e', 'f', '1', 1, undefined, NaN)
const values = fc.nat({ max: 30 })
const ttls = fc.constantFrom(undefined, 1, 3.5, 10, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY)
const sizes = fc.constantFrom(undefined, 0, 1, 2, 5, 8, 13, 100, 2 ** 32, 2 ** 40)
const bounds = fc
  .record({
    maxEntries: fc.constantFrom(1, 2, 3, 5, 8, 20, Number.POSITIVE_INFINITY),
    maxBytes: fc.constantFrom(1, 4, 10, 30, 2 ** 33, Number.POSITIVE_INFINITY),
  })
  .filter(({ maxEntries, maxBytes }) => Number.isFinite(maxEntries) || Number.isFinite(maxBytes))

/** A step that does the same to both and compares what they answer. */
function same(name: string, act: (cache: LRUCache<Key, number> | NaiveCache<Key, number>) => unknown): Step {
  return {
    name,
    run: ({ real, model }) => expect(act(real), name).toEqual(act(model)),
  }
}

const set: fc.Arbitrary<Step> = fc
  .tuple(keys, values, ttls, sizes)
  .map(([key, value, ttlMs, size]) =>
    same(`set(${String(key)}, ${value}, { ttlMs: ${ttlMs}, size: ${size} })`, (cache) =>
      cache.set(key, value, { ttlMs, size }),
    ),
  )

const onKey: fc.Arbitrary<Step> = fc
  .tuple(fc.constantFrom('get', 'get', 'get', 'peek', 'has', 'delete', 'remainingTtlMs'), keys)
  .map(([name, key]) => same(`${name}(${String(key)})`, (cache) => cache[name](key)))

const onAll: fc.Arbitrary<Step> = fc
  .constantFrom('pop', 'pop', 'purgeExpired', 'clear')
  .map((name) => same(`${name}()`, (cache) => cache[name]()))

const resize: fc.Arbitrary<Step> = bounds.map((to) =>
  same(`resize(${fc.stringify(to)})`, (cache) => cache.resize(to)),
)

const advance: fc.Arbitrary<Step> = fc.constantFrom(0, 1, 2.5, 5, 20, 1e15).map((byMs) => ({
  name: `advance(${byMs})`,
  run: (pair) => {
    pair.time += byMs
  },
}))

const reload: fc.Arbitrary<Step> = fc.tuple(bounds, fc.constantFrom(0, 1, 4)).map(([to, elapsedMs]) =>
  same(`dump, resize(${fc.stringify(to)}), load(elapsedMs: ${elapsedMs})`, (cache) => {
    const snapshot = cache.dump()
    cache.resize(to)
    cache.load(snapshot, { elapsedMs })
  }),
)

const simple: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: set },
  { weight: 12, arbitrary: onKey },
  { weight: 3, arbitrary: onAll },
  { weight: 1, arbitrary: resize },
  { weight: 4, arbitrary: advance },
)

/** Iterates while other steps change the cache: every entry that stays to its turn is met, once. */
const iterate: fc.Arbitrary<Step> = fc
  .array(fc.array(simple, { maxLength: 2 }), { minLength: 1, maxLength: 6 })
  .map((batches) => ({
    name: `iterate with [${batches.map((batch) => batch.map((step) => step.name).join('; ')).join('], [')}] between`,
    run: (pair) => {
      const real = pair.real.entries()
      const model = pair.model.iterate()
      for (const batch of batches) {
        expect(real.next()).toEqual(model.next())
        for (const step of batch) step.run(pair)
      }
      expect([...real]).toEqual([...model])
    },
  }))

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: simple },
  { weight: 1, arbitrary: reload },
  { weight: 1, arbitrary: iterate },
)

for (const policy of ['lru', 'sieve'] as const) {
  test(`a cache with the ${policy} policy does what a naive model does, step by step`, {
    timeout: 60_000,
  }, () => {
    fc.assert(
      fc.property(
        bounds,
        fc.constantFrom(undefined, 8),
        fc.array(steps, { maxLength: 120, size: 'max' }),
        (limits, ttlMs, sequence) => {
          const pair = new Pair({ ...limits, ttlMs, policy })
          for (const step of sequence) {
            step.run(pair)
            pair.check()
          }
        },
      ),
      { numRuns: 200 },
    )
  })
}
