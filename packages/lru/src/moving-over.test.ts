// What people who come from lru-cache rely on, one test for each, named by its case.
import { expect, test } from 'vitest'
import { LRUCache } from './lru-cache.ts'

test('basic: a get moves an entry to the front, so another one is evicted', () => {
  const cache = new LRUCache<string, string>({ maxEntries: 2 })
  cache.set('a', 'A')
  cache.set('b', 'B')
  cache.get('a')
  cache.set('c', 'C')
  expect([cache.get('c'), cache.get('b'), cache.get('a')]).toEqual(['C', undefined, 'A'])
})

test('least recently set: with no get, the first one set leaves first', () => {
  const cache = new LRUCache<string, string>({ maxEntries: 2 })
  for (const key of ['a', 'b', 'c']) cache.set(key, key)
  expect([...cache.keys()]).toEqual(['c', 'b'])
})

test('falsy values: 0, "", false, null and NaN are hits', () => {
  const cache = new LRUCache<string, unknown>({ maxEntries: 9 })
  for (const value of [0, '', false, null, Number.NaN]) {
    cache.set('key', value)
    expect(cache.get('key')).toBe(value)
    expect(cache.has('key')).toBe(true)
  }
  expect(cache.stats.misses).toBe(0)
})

test('keys that objects have by nature: __proto__, constructor, hasOwnProperty', () => {
  const cache = new LRUCache<string, string>({ maxEntries: 9 })
  for (const key of ['__proto__', 'constructor', 'hasOwnProperty']) {
    expect(cache.get(key)).toBe(undefined)
    cache.set(key, 'mine')
    expect(cache.get(key)).toBe('mine')
  }
})

test('a cache of one entry', () => {
  const cache = new LRUCache<string, number>({ maxEntries: 1 })
  for (const key of ['a', 'b', 'a', 'a', 'c']) cache.set(key, 1)
  expect([...cache.keys()]).toEqual(['c'])
  expect(cache.delete('c')).toBe(true)
  cache.set('d', 1)
  expect([...cache.keys()]).toEqual(['d'])
})

test('setting one key many times holds one entry of the last size', () => {
  const cache = new LRUCache<string, string>({ maxBytes: 100, sizeOf: (value) => value.length })
  for (let i = 0; i < 1000; i++) cache.set('a', 'x'.repeat(i % 100))
  expect([cache.size, cache.bytes]).toEqual([1, 99])
})

test('item too large: it is not stored, and takes the old value of its key with it', () => {
  const cache = new LRUCache<string, string>({ maxBytes: 10, sizeOf: (value) => value.length })
  cache.set('a', 'aa')
  cache.set('key', 'small')
  expect(cache.set('key', 'much too large')).toBe(false)
  expect([cache.has('key'), cache.peek('a'), cache.bytes]).toEqual([false, 'aa', 2])
})

test('a replacement of another size changes the sum by the difference', () => {
  const cache = new LRUCache<string, string>({ maxBytes: 10, sizeOf: (value) => value.length })
  cache.set('a', 'four')
  cache.set('b', 'four')
  cache.set('a', 'sixsix')
  expect([cache.bytes, cache.has('b')]).toEqual([10, true])
  cache.set('a', 'sevens!')
  expect([cache.bytes, cache.has('b')]).toEqual([7, false])
})

test('a time to live longer than timers can count, 24.8 days, is kept', () => {
  let now = 0
  const cache = new LRUCache<string, number>({ maxEntries: 9, now: () => now, ttlMs: 2 ** 31 })
  cache.set('a', 1)
  now = 2 ** 31 - 1
  expect(cache.get('a')).toBe(1)
  now = 2 ** 31
  expect(cache.get('a')).toBe(undefined)
})

test('a clock that starts at 0', () => {
  let now = 0
  const cache = new LRUCache<string, number>({ maxEntries: 9, now: () => now, ttlMs: 1 })
  cache.set('a', 1)
  expect(cache.get('a')).toBe(1)
  now = 1
  expect(cache.get('a')).toBe(undefined)
})

test('disposing of a replaced value: the new one is in place, and the same one is not disposed of', () => {
  const disposed: unknown[] = []
  const cache: LRUCache<string, object> = new LRUCache({
    maxEntries: 9,
    onRemove: (value, key) => disposed.push([value, cache.peek(key)]),
  })
  const [first, second] = [{ n: 1 }, { n: 2 }]
  cache.set('a', first)
  cache.set('a', first)
  cache.set('a', second)
  expect(disposed).toEqual([[first, second]])
})

test('setting again what is being disposed of', () => {
  const cache: LRUCache<string, string> = new LRUCache({
    maxEntries: 2,
    onRemove: (value, key, reason) => reason === 'deleted' && cache.set(key, `${value}!`),
  })
  cache.set('a', 'A')
  cache.delete('a')
  expect(cache.get('a')).toBe('A!')
})

test('deleting all entries one by one, in any order, and filling again', () => {
  const cache = new LRUCache<number, number>({ maxEntries: 5 })
  for (const order of [
    [0, 1, 2, 3, 4],
    [4, 3, 2, 1, 0],
    [2, 0, 4, 1, 3],
  ]) {
    for (let i = 0; i < 5; i++) cache.set(i, i)
    for (const key of order) expect(cache.delete(key)).toBe(true)
    expect([cache.size, [...cache]]).toEqual([0, []])
  }
})

test('dump and load keep the order of use', () => {
  const cache = new LRUCache<string, number>({ maxEntries: 3 })
  for (const key of ['a', 'b', 'c']) cache.set(key, 1)
  cache.get('a')
  const copy = new LRUCache<string, number>({ maxEntries: 3 })
  copy.load(cache.dump())
  expect([...copy.keys()]).toEqual(['a', 'c', 'b'])
})

test('methods may be called while for-of runs over the cache', () => {
  const cache = new LRUCache<number, number>({ maxEntries: 10 })
  for (let i = 0; i < 10; i++) cache.set(i, i)
  const visited: number[] = []
  for (const [key] of cache) {
    visited.push(key)
    cache.delete(key - 1)
    cache.get(0)
  }
  expect(visited).toEqual([9, 7, 5, 3, 1])
})
