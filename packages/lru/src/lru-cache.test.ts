import { expect, test, vi } from 'vitest'
import { LRUCache } from './lru-cache.ts'
import type { LRUCacheOptions, RemovalReason } from './options.ts'

const policies = ['lru', 'sieve'] as const

/** A cache on a clock set by hand, with a record of what onRemove was told. */
function observed(options: LRUCacheOptions<string, unknown>) {
  const clock = { ms: 0 }
  const removed: [unknown, string, RemovalReason][] = []
  const cache = new LRUCache<string, unknown>({
    now: () => clock.ms,
    onRemove: (...removal) => removed.push(removal),
    ...options,
  })
  return { cache, clock, removed }
}

test('strict LRU evicts the entry that was used longest ago', () => {
  const cache = new LRUCache<string, number>({ maxEntries: 3 })
  for (const key of ['a', 'b', 'c']) cache.set(key, 0)
  cache.get('a')
  cache.set('d', 0)
  expect([...cache.keys()]).toEqual(['d', 'a', 'c'])
})

test('SIEVE keeps what was used since the last sweep, in its place, and evicts the oldest that was not', () => {
  const cache = new LRUCache<string, number>({ maxEntries: 3, policy: 'sieve' })
  for (const key of ['a', 'b', 'c']) cache.set(key, 0)
  cache.get('a')
  cache.set('d', 0)
  expect([...cache.keys()]).toEqual(['d', 'c', 'a'])
  // The hand stands between a and c: what is older than it waits for the next round.
  cache.set('e', 0)
  expect([...cache.keys()]).toEqual(['e', 'd', 'a'])
})

test('SIEVE knows of each of a thousand entries whether it was used', () => {
  const cache = new LRUCache<number, number>({ maxEntries: 1000, policy: 'sieve' })
  for (let i = 0; i < 1000; i++) cache.set(i, i)
  const used = Array.from({ length: 334 }, (_, i) => 3 * i)
  for (const key of used) cache.get(key)
  for (let i = 0; i < 666; i++) cache.set(1000 + i, i)
  const left = [...cache.keys()].filter((key) => key < 1000)
  expect(left.toReversed()).toEqual(used)
})

test('peek, has and remainingTtlMs are no use of an entry and count nothing', () => {
  for (const policy of policies) {
    const cache = new LRUCache<string, number>({ maxEntries: 2, policy })
    cache.set('a', 1)
    cache.set('b', 2)
    expect(cache.peek('a')).toBe(1)
    expect(cache.has('a')).toBe(true)
    expect(cache.remainingTtlMs('a')).toBe(Number.POSITIVE_INFINITY)
    cache.set('c', 3)
    expect(cache.has('a')).toBe(false)
    expect(cache.stats).toMatchObject({ hits: 0, misses: 0 })
  }
})

test('a set of a key that is held is a use of it', () => {
  for (const policy of policies) {
    const cache = new LRUCache<string, number>({ maxEntries: 2, policy })
    cache.set('a', 1)
    cache.set('b', 2)
    cache.set('a', 3)
    cache.set('c', 4)
    expect(cache.has('b')).toBe(false)
    expect(cache.peek('a')).toBe(3)
  }
})

test('bytes are evicted from the least recent until the new entry fits', () => {
  const { cache, removed } = observed({ maxBytes: 10 })
  cache.set('a', 'A', { size: 4 })
  cache.set('b', 'B', { size: 4 })
  cache.set('c', 'C', { size: 9 })
  expect(removed).toEqual([
    ['A', 'a', 'evicted'],
    ['B', 'b', 'evicted'],
  ])
  expect([cache.size, cache.bytes]).toEqual([1, 9])
})

test('a value as large as maxBytes fits, and one byte more is refused at nobody else’s cost', () => {
  const { cache, removed } = observed({ maxBytes: 10 })
  cache.set('a', 'A', { size: 5 })
  expect(cache.set('b', 'B', { size: 11 })).toBe(false)
  expect(cache.has('b')).toBe(false)
  expect(cache.peek('a')).toBe('A')
  expect(removed).toEqual([])
  expect(cache.stats.rejections).toBe(1)
  expect(cache.set('b', 'B', { size: 10 })).toBe(true)
})

test('a refused value does not leave the old value of its key to be read', () => {
  const { cache, removed } = observed({ maxBytes: 10 })
  cache.set('a', 'old', { size: 5 })
  expect(cache.set('a', 'new', { size: 11 })).toBe(false)
  expect(cache.get('a')).toBe(undefined)
  expect([cache.size, cache.bytes]).toEqual([0, 0])
  expect(removed).toEqual([['old', 'a', 'replaced']])
})

test('a replacement that grows evicts others, never itself', () => {
  for (const policy of policies) {
    const { cache, removed } = observed({ maxBytes: 10, policy })
    for (const key of ['a', 'b', 'c']) cache.set(key, key, { size: 3 })
    // With SIEVE all are marked now, so the hand goes round and passes the one that grows twice.
    for (const key of ['a', 'b', 'c']) cache.get(key)
    cache.set('a', 'A', { size: 10 })
    expect(cache.peek('a')).toBe('A')
    expect(cache.bytes).toBe(10)
    expect(removed).toEqual([
      ['a', 'a', 'replaced'],
      ['b', 'b', 'evicted'],
      ['c', 'c', 'evicted'],
    ])
  }
})

test('the size passed to set goes before sizeOf, which is called once with value and key', () => {
  const sizeOf = vi.fn((value: string, key: string) => value.length + key.length)
  const cache = new LRUCache<string, string>({ maxBytes: 100, sizeOf })
  cache.set('key', 'value')
  cache.set('other', 'value', { size: 50 })
  expect(cache.bytes).toBe(58)
  expect(sizeOf.mock.calls).toEqual([['value', 'key']])
})

test('sizes are counted without maxBytes too, exactly, up to the largest safe integer', () => {
  const cache = new LRUCache<string, number>({ maxEntries: 10 })
  cache.set('a', 0, { size: 2 ** 32 })
  cache.set('b', 0, { size: 3 })
  expect(cache.bytes).toBe(2 ** 32 + 3)
  cache.set('c', 0, { size: Number.MAX_SAFE_INTEGER })
  expect([...cache.keys()]).toEqual(['c'])
  expect(cache.bytes).toBe(Number.MAX_SAFE_INTEGER)
})

test('entries of size 0 are held, and bounded by maxEntries if there is one', () => {
  const cache = new LRUCache<string, string>({ maxBytes: 1, maxEntries: 2, sizeOf: (value) => value.length })
  for (const key of ['a', 'b', 'c']) cache.set(key, '')
  expect([...cache.keys()]).toEqual(['c', 'b'])
})

test('an entry expires when its time is over, not before, and is never counted as a hit', () => {
  const { cache, clock, removed } = observed({ maxEntries: 10, ttlMs: 10 })
  cache.set('a', 1)
  clock.ms = 9.999
  expect(cache.get('a')).toBe(1)
  clock.ms = 10
  expect(cache.get('a')).toBe(undefined)
  expect(cache.size).toBe(0)
  expect(removed).toEqual([[1, 'a', 'expired']])
  expect(cache.stats).toMatchObject({ hits: 1, misses: 1, expirations: 1 })
})

test('every operation that meets an expired entry treats it as gone and removes it', () => {
  const meetings: ((cache: LRUCache<string, unknown>) => unknown)[] = [
    (cache) => expect(cache.get('a')).toBe(undefined),
    (cache) => expect(cache.peek('a')).toBe(undefined),
    (cache) => expect(cache.has('a')).toBe(false),
    (cache) => expect(cache.delete('a')).toBe(false),
    (cache) => expect(cache.pop()).toBe(undefined),
    (cache) => expect(cache.remainingTtlMs('a')).toBe(undefined),
    (cache) => expect(cache.purgeExpired()).toBe(1),
    (cache) => expect(cache.set('a', 1)).toBe(true),
    (cache) => expect(cache.set('b', 1)).toBe(true),
    (cache) => cache.resize({ maxBytes: 9 }),
  ]
  for (const meet of meetings) {
    const { cache, clock, removed } = observed({ maxEntries: 1, maxBytes: 10, sizeOf: () => 1 })
    cache.set('a', 'A', { ttlMs: 5, size: 10 })
    clock.ms = 5
    meet(cache)
    expect(removed, String(meet)).toEqual([['A', 'a', 'expired']])
    expect(cache.stats, String(meet)).toMatchObject({ hits: 0, evictions: 0, expirations: 1 })
  }
})

test('iteration and dump skip expired entries, which are still counted until something meets them', () => {
  const listings: ((cache: LRUCache<string, unknown>) => string[])[] = [
    (cache) => [...cache.keys()],
    (cache) => cache.dump().map((entry) => entry.key),
  ]
  for (const keysOf of listings) {
    const { cache, clock } = observed({ maxEntries: 10 })
    cache.set('a', 1, { ttlMs: 5 })
    cache.set('b', 2)
    clock.ms = 5
    expect(keysOf(cache)).toEqual(['b'])
    expect(cache.size).toBe(2)
  }
})

test('the clock is read only where time matters, and once for a whole operation', () => {
  const now = vi.fn(() => 0)
  const cache = new LRUCache<string, number>({ maxEntries: 3, now })
  cache.set('a', 1)
  cache.get('a')
  cache.get('nothing')
  expect(now).toHaveBeenCalledTimes(0)
  cache.set('b', 1, { ttlMs: 5 })
  expect(now).toHaveBeenCalledTimes(1)
  cache.get('a')
  expect(now).toHaveBeenCalledTimes(1)
  cache.get('b')
  expect(now).toHaveBeenCalledTimes(2)
  // From now on an eviction may meet an entry that has expired.
  cache.set('c', 1)
  expect(now).toHaveBeenCalledTimes(3)
  cache.resize({ maxEntries: 1 })
  expect(now).toHaveBeenCalledTimes(4)
})

test('get does not prolong a life, set does', () => {
  const { cache, clock } = observed({ maxEntries: 10, ttlMs: 10 })
  cache.set('a', 1)
  clock.ms = 6
  cache.get('a')
  expect(cache.remainingTtlMs('a')).toBe(4)
  cache.set('a', 1)
  expect(cache.remainingTtlMs('a')).toBe(10)
})

test('the ttlMs of one set goes before the ttlMs of the cache; Infinity means for ever', () => {
  const { cache, clock } = observed({ maxEntries: 10, ttlMs: 10 })
  cache.set('short', 1, { ttlMs: 1 })
  cache.set('for ever', 1, { ttlMs: Number.POSITIVE_INFINITY })
  cache.set('usual', 1, { ttlMs: undefined })
  cache.set('long', 1, { ttlMs: Number.MAX_SAFE_INTEGER })
  clock.ms = 2 ** 40
  expect([...cache.keys()]).toEqual(['long', 'for ever'])
})

test('an entry that was set before the first one with a time to live never expires', () => {
  const { cache, clock } = observed({ maxEntries: 10 })
  cache.set('a', 1)
  cache.set('b', 1, { ttlMs: 1 })
  clock.ms = Number.MAX_SAFE_INTEGER
  expect([...cache.keys()]).toEqual(['a'])
})

test('no timer runs for any time to live', () => {
  vi.useFakeTimers()
  const cache = new LRUCache<string, number>({ maxEntries: 10, ttlMs: 2 ** 31 })
  cache.set('a', 1)
  cache.set('b', 1, { ttlMs: 2 ** 53 })
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

test('the default clock is the one that fake timers put in its place', () => {
  vi.useFakeTimers()
  const cache = new LRUCache<string, number>({ maxEntries: 10, ttlMs: 100 })
  cache.set('a', 1)
  expect(cache.get('a')).toBe(1)
  vi.advanceTimersByTime(100)
  expect(cache.get('a')).toBe(undefined)
  vi.useRealTimers()
})

test('a stored undefined is a hit, and has tells it from nothing', () => {
  const cache = new LRUCache<string, undefined>({ maxEntries: 1 })
  cache.set('a', undefined)
  expect(cache.get('a')).toBe(undefined)
  expect(cache.has('a')).toBe(true)
  expect(cache.stats).toMatchObject({ hits: 1, misses: 0 })
  expect(cache.pop()).toEqual(['a', undefined])
})

test('keys are compared as a Map compares them', () => {
  const cache = new LRUCache<unknown, string>({ maxEntries: 20 })
  const object = {}
  const keys = [1, '1', true, null, undefined, Number.NaN, object, {}, Symbol('a'), 1n, '__proto__']
  for (const [i, key] of keys.entries()) cache.set(key, `${i}`)
  expect(keys.map((key) => cache.get(key))).toEqual(keys.map((_, i) => `${i}`))
  expect(cache.get({})).toBe(undefined)
  cache.set(0, 'zero')
  expect(cache.get(-0)).toBe('zero')
})

test('delete and pop remove with the reason deleted, clear with the reason cleared', () => {
  const { cache, removed } = observed({ maxEntries: 10 })
  for (const key of ['a', 'b', 'c', 'd']) cache.set(key, key.toUpperCase())
  expect(cache.delete('b')).toBe(true)
  expect(cache.delete('b')).toBe(false)
  expect(cache.pop()).toEqual(['a', 'A'])
  cache.clear()
  expect(removed).toEqual([
    ['B', 'b', 'deleted'],
    ['A', 'a', 'deleted'],
    ['D', 'd', 'cleared'],
    ['C', 'c', 'cleared'],
  ])
  expect([cache.size, cache.bytes, cache.pop()]).toEqual([0, 0, undefined])
})

test('the value that is set again is not told as removed', () => {
  const { cache, removed } = observed({ maxEntries: 10 })
  const connection = {}
  cache.set('a', connection)
  cache.set('a', connection)
  cache.set('b', Number.NaN)
  cache.set('b', Number.NaN)
  expect(removed).toEqual([])
})

test('resize evicts down to a lower bound, makes room up to a higher one, and leaves the other as it is', () => {
  const { cache, removed } = observed({ maxEntries: 3, maxBytes: 100, sizeOf: () => 10 })
  for (const key of ['a', 'b', 'c']) cache.set(key, key)
  cache.resize({ maxEntries: 2 })
  expect(removed).toEqual([['a', 'a', 'evicted']])
  cache.resize({ maxBytes: 10 })
  expect([cache.size, cache.bytes, cache.maxEntries, cache.maxBytes]).toEqual([1, 10, 2, 10])
  cache.resize({ maxEntries: 1000, maxBytes: Number.POSITIVE_INFINITY })
  for (let i = 0; i < 1001; i++) cache.set(`${i}`, i)
  expect(cache.size).toBe(1000)
  expect(cache.maxBytes).toBe(Number.POSITIVE_INFINITY)
})

test('the counters survive clear, and a copy taken earlier does not change', () => {
  const cache = new LRUCache<string, number>({ maxEntries: 1 })
  cache.get('a')
  const before = cache.stats
  cache.clear()
  cache.get('a')
  expect(before.misses).toBe(1)
  expect(cache.stats.misses).toBe(2)
})

test('a hundred thousand entries that come and go leave the last ones, in order', () => {
  for (const policy of policies) {
    const cache = new LRUCache<number, number>({ maxEntries: 1000, policy })
    for (let i = 0; i < 100_000; i++) cache.set(i, i)
    expect([...cache.keys()]).toEqual(Array.from({ length: 1000 }, (_, i) => 99_999 - i))
    expect(cache.stats.evictions).toBe(99_000)
  }
})
