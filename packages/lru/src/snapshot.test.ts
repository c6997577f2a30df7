import { expect, test } from 'vitest'
import { LRUCache } from './lru-cache.ts'
import type { SnapshotEntry } from './snapshot.ts'

test('a snapshot goes through JSON and fills another cache with order, sizes and time left', () => {
  let now = 100
  const saved = new LRUCache<string, string>({ maxBytes: 100, ttlMs: 50, now: () => now })
  saved.set('a', 'A', { size: 1 })
  saved.set('b', 'B', { size: 2, ttlMs: Number.POSITIVE_INFINITY })
  saved.set('c', 'C', { size: 3, ttlMs: 20 })
  saved.get('a')
  now = 110
  const snapshot: SnapshotEntry<string, string>[] = JSON.parse(JSON.stringify(saved.dump()))

  let later = 7
  const loaded = new LRUCache<string, string>({ maxBytes: 100, now: () => later })
  loaded.load(snapshot)
  expect([...loaded]).toEqual([...saved])
  expect(loaded.bytes).toBe(6)
  later = 17
  expect([...loaded.keys()]).toEqual(['a', 'b'])
  later = 47
  expect([...loaded.keys()]).toEqual(['b'])
})

test('time that passed since the dump is taken off, and what died meanwhile is left out', () => {
  const cache = new LRUCache<string, number>({ maxEntries: 9, now: () => 0 })
  const snapshot = [
    { key: 'a', value: 1, ttlMs: 10 },
    { key: 'b', value: 2, ttlMs: 11 },
    { key: 'c', value: 3 },
  ]
  cache.load(snapshot, { elapsedMs: 10 })
  expect([...cache.keys()]).toEqual(['b', 'c'])
  expect(cache.size).toBe(2)
  expect(cache.remainingTtlMs('b')).toBe(1)
  expect(cache.remainingTtlMs('c')).toBe(Number.POSITIVE_INFINITY)
})

test('a SIEVE cache that is loaded spares what was used before the dump', () => {
  const saved = new LRUCache<string, number>({ maxEntries: 3, policy: 'sieve' })
  for (const key of ['a', 'b', 'c']) saved.set(key, 1)
  saved.get('a')
  const loaded = new LRUCache<string, number>({ maxEntries: 3, policy: 'sieve' })
  loaded.load(saved.dump())
  loaded.set('d', 1)
  expect([...loaded.keys()]).toEqual(['d', 'c', 'a'])
})

test('a smaller cache takes the most recent entries', () => {
  const saved = new LRUCache<number, number>({ maxEntries: 10 })
  for (let i = 0; i < 10; i++) saved.set(i, i)
  const loaded = new LRUCache<number, number>({ maxEntries: 3 })
  loaded.load(saved.dump())
  expect([...loaded.keys()]).toEqual([9, 8, 7])
})

test('load replaces what the cache held, and tells it as cleared', () => {
  const removed: unknown[] = []
  const cache = new LRUCache<string, number>({
    maxEntries: 2,
    onRemove: (_value, key, reason) => removed.push([key, reason]),
  })
  cache.set('a', 1)
  cache.load([{ key: 'b', value: 2 }])
  expect([...cache]).toEqual([['b', 2]])
  expect(removed).toEqual([['a', 'cleared']])
})

test('a snapshot without sizes is measured by sizeOf', () => {
  const cache = new LRUCache<string, string>({ maxBytes: 10, sizeOf: (value) => value.length })
  cache.load([{ key: 'a', value: 'four' }])
  expect(cache.bytes).toBe(4)
})

test('a snapshot with a wrong entry is refused as a whole', () => {
  const cache = new LRUCache<string, string>({ maxBytes: 10, sizeOf: () => 1 })
  cache.set('a', 'A')
  const right = { key: 'b', value: 'B' }
  expect(() => cache.load([right, { key: 'c', value: 'C', size: -1 }])).toThrow(
    new RangeError('size must be a non-negative integer, got -1'),
  )
  expect(() => cache.load([right, { key: 'c', value: 'C', ttlMs: 0 }])).toThrow(
    new RangeError('ttlMs must be a positive number, got 0'),
  )
  expect(() => cache.load([right, 5 as never])).toThrow(new TypeError('options must be an object, got 5'))
  expect(() => cache.load(undefined as never)).toThrow(TypeError)
  expect(() => cache.load([right], { elapsedMs: -1 })).toThrow(
    new RangeError('elapsedMs must be a non-negative number, got -1'),
  )
  expect(() => cache.load([right], { elapsedMs: Number.NaN })).toThrow(RangeError)
  expect([...cache]).toEqual([['a', 'A']])
})
