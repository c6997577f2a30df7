import { expect, test } from 'vitest'
import { LRUCache } from './lru-cache.ts'

test('onRemove sees the cache as it is after the operation', () => {
  const seen: unknown[] = []
  const cache: LRUCache<string, number> = new LRUCache({
    maxEntries: 1,
    onRemove: (_value, key, reason) => seen.push([reason, cache.size, cache.peek(key), [...cache.keys()]]),
  })
  cache.set('a', 1)
  cache.set('a', 2)
  cache.set('b', 3)
  cache.clear()
  expect(seen).toEqual([
    ['replaced', 1, 2, ['a']],
    ['evicted', 1, undefined, ['b']],
    ['cleared', 0, undefined, []],
  ])
})

test('onRemove may set, delete, resize and clear', () => {
  const reentries: ((cache: LRUCache<string, number>) => unknown)[] = [
    (cache) => cache.set('back', 9),
    (cache) => cache.delete('c'),
    (cache) => cache.resize({ maxEntries: 1 }),
    (cache) => cache.clear(),
    (cache) => cache.pop(),
    (cache) => cache.get('b'),
    (cache) => cache.load(cache.dump()),
  ]
  for (const reenter of reentries) {
    let depth = 0
    const told: string[] = []
    const cache: LRUCache<string, number> = new LRUCache({
      maxEntries: 3,
      maxBytes: 30,
      sizeOf: (value) => value,
      onRemove: (_value, key) => {
        told.push(key)
        if (depth++ === 0) reenter(cache)
      },
    })
    for (const key of ['a', 'b', 'c', 'd']) cache.set(key, 5)
    const held = [...cache]
    expect(cache.size).toBe(held.length)
    expect(cache.bytes).toBe(held.reduce((sum, [, value]) => sum + value, 0))
    expect(told[0]).toBe('a')
    cache.resize({ maxEntries: 100, maxBytes: 1000 })
    for (let i = 0; i < 100; i++) cache.set(`${i}`, 1)
    expect([cache.size, cache.bytes]).toEqual([100, 100])
  }
})

test('what a callback removes is told at once, before the rest of the outer operation', () => {
  const told: string[] = []
  const cache: LRUCache<string, number> = new LRUCache({
    maxEntries: 4,
    onRemove: (_value, key) => {
      told.push(key)
      if (key === 'b') cache.delete('d')
    },
  })
  for (const key of ['a', 'b', 'c', 'd']) cache.set(key, 1)
  cache.resize({ maxEntries: 1 })
  expect(told).toEqual(['a', 'b', 'd', 'c'])
})

test('an error from onRemove reaches the caller after the operation and all other calls are complete', () => {
  const told: string[] = []
  const cache = new LRUCache<string, number>({
    maxEntries: 3,
    onRemove: (_value, key) => {
      told.push(key)
      if (key === 'a') throw new Error('from a')
    },
  })
  for (const key of ['a', 'b', 'c']) cache.set(key, 1)
  expect(() => cache.resize({ maxEntries: 1 })).toThrow('from a')
  expect(told).toEqual(['a', 'b'])
  expect([...cache.keys()]).toEqual(['c'])
  cache.set('d', 1)
  expect(told).toEqual(['a', 'b', 'c'])
})

test('several errors from onRemove reach the caller together', () => {
  const cache = new LRUCache<string, number>({
    maxEntries: 3,
    onRemove: (_value, key) => {
      throw new Error(`from ${key}`)
    },
  })
  for (const key of ['a', 'b', 'c']) cache.set(key, 1)
  const error = catchError(() => cache.clear())
  expect(error).toBeInstanceOf(AggregateError)
  expect((error as AggregateError).errors.map(String)).toEqual([
    'Error: from c',
    'Error: from b',
    'Error: from a',
  ])
  expect(cache.size).toBe(0)
})

test('an onRemove that recurses for ever is stopped, and the cache stays sound', () => {
  const cache: LRUCache<number, number> = new LRUCache({
    maxEntries: 2,
    // What was evicted is set again, which evicts the next one, and so on.
    onRemove: (value, key) => cache.set(key, value),
  })
  cache.set(1, 1)
  cache.set(2, 2)
  expect(() => cache.set(3, 3)).toThrow(new RangeError('endless onRemove'))
  expect(cache.size).toBe(2)
  const held = [...cache]
  expect(held.map(([key]) => cache.get(key))).toEqual(held.map(([, value]) => value))
})

test('a callback that calls the cache may do so any number of times, one after the other', () => {
  const cache: LRUCache<number, number> = new LRUCache({
    maxEntries: 1,
    onRemove: (_value, key, reason) => reason === 'evicted' && cache.delete(key + 1),
  })
  for (let i = 0; i < 1000; i++) cache.set(i, i)
  expect(cache.size).toBe(0)
})

function catchError(act: () => void): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('expected an error')
}
