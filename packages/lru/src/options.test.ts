import { expect, test } from 'vitest'
import { LRUCache } from './lru-cache.ts'
import type { LRUCacheOptions } from './options.ts'

/** The error of making a cache with options that types would refuse. */
function refusal(options: unknown): string {
  try {
    new LRUCache(options as LRUCacheOptions<unknown, unknown>)
  } catch (error) {
    return String(error)
  }
  return 'made'
}

test('options that are wrong are refused with the name, what was expected and what was received', () => {
  expect(refusal({})).toBe('TypeError: maxEntries or maxBytes must be given, got undefined')
  expect(refusal({ maxEntries: Number.POSITIVE_INFINITY })).toBe(
    'TypeError: maxEntries or maxBytes must be given, got undefined',
  )
  expect(refusal(100)).toBe('TypeError: options must be an object, got 100')
  expect(refusal(undefined)).toBe('TypeError: options must be an object, got undefined')
  expect(refusal(null)).toBe('TypeError: options must be an object, got null')
  expect(refusal({ maxEntries: 0 })).toBe('RangeError: maxEntries must be a positive integer, got 0')
  expect(refusal({ maxEntries: 1.5 })).toBe('RangeError: maxEntries must be a positive integer, got 1.5')
  expect(refusal({ maxEntries: Number.NaN })).toBe(
    'RangeError: maxEntries must be a positive integer, got NaN',
  )
  expect(refusal({ maxEntries: '5' })).toBe('TypeError: maxEntries must be a positive integer, got "5"')
  expect(refusal({ maxBytes: -1 })).toBe('RangeError: maxBytes must be a positive integer, got -1')
  expect(refusal({ maxBytes: 2 ** 53 })).toBe(
    'RangeError: maxBytes must be a positive integer, got 9007199254740992',
  )
  expect(refusal({ maxBytes: 1, ttlMs: 0 })).toBe('RangeError: ttlMs must be a positive number, got 0')
  expect(refusal({ maxBytes: 1, ttlMs: -5 })).toBe('RangeError: ttlMs must be a positive number, got -5')
  expect(refusal({ maxBytes: 1, ttlMs: Number.NaN })).toBe(
    'RangeError: ttlMs must be a positive number, got NaN',
  )
  expect(refusal({ maxBytes: 1, ttlMs: '1s' })).toBe('TypeError: ttlMs must be a positive number, got "1s"')
  expect(refusal({ maxBytes: 1, policy: 'lfu' })).toBe(
    "TypeError: policy must be 'lru' or 'sieve', got \"lfu\"",
  )
  expect(refusal({ maxBytes: 1, sizeOf: 8 })).toBe('TypeError: sizeOf must be a function, got 8')
  expect(refusal({ maxBytes: 1, onRemove: 'x' })).toBe('TypeError: onRemove must be a function, got "x"')
  expect(refusal({ maxBytes: 1, now: {} })).toBe('TypeError: now must be a function, got [object Object]')
})

test('options that are undefined are as if left out', () => {
  const options = {
    maxEntries: 1,
    maxBytes: undefined,
    sizeOf: undefined,
    ttlMs: undefined,
    policy: undefined,
  }
  const cache = new LRUCache<string, number>({ ...options, onRemove: undefined, now: undefined })
  expect(cache.set('a', 1)).toBe(true)
  expect(cache.maxBytes).toBe(Number.POSITIVE_INFINITY)
})

test('a set that is wrong throws and changes nothing', () => {
  let size: unknown = 1
  let now = 0
  const cache = new LRUCache<string, string>({ maxBytes: 10, sizeOf: () => size as number, now: () => now })
  cache.set('a', 'A', { ttlMs: 100 })
  const wrong: [() => unknown, string][] = [
    [() => cache.set('a', 'B', { size: -1 }), 'RangeError: size must be a non-negative integer, got -1'],
    [() => cache.set('a', 'B', { size: 0.5 }), 'RangeError: size must be a non-negative integer, got 0.5'],
    [
      () => cache.set('a', 'B', { size: 2 ** 53 }),
      'RangeError: size must be a non-negative integer, got 9007199254740992',
    ],
    [() => cache.set('a', 'B', { ttlMs: 0 }), 'RangeError: ttlMs must be a positive number, got 0'],
    [
      () => cache.set('a', 'B', { ttlMs: Number.NaN }),
      'RangeError: ttlMs must be a positive number, got NaN',
    ],
    [() => cache.set('a', 'B', 1000 as never), 'TypeError: options must be an object, got 1000'],
    [sized(Number.NaN), 'RangeError: sizeOf() must be a non-negative integer, got NaN'],
    [sized('7'), 'TypeError: sizeOf() must be a non-negative integer, got "7"'],
    [sized(undefined), 'TypeError: sizeOf() must be a non-negative integer, got undefined'],
    [sized(10n), 'TypeError: sizeOf() must be a non-negative integer, got 10'],
    [clocked(Number.NaN), 'RangeError: now() must be a finite number, got NaN'],
    [() => cache.resize({ maxBytes: 0 }), 'RangeError: maxBytes must be a positive integer, got 0'],
    [
      () => cache.resize({ maxBytes: Number.POSITIVE_INFINITY }),
      'TypeError: maxEntries or maxBytes must be given, got undefined',
    ],
    [() => cache.resize(5 as never), 'TypeError: options must be an object, got 5'],
  ]
  for (const [act, message] of wrong) {
    expect(() => act(), message).toThrow()
    expect(messageOf(act)).toBe(message)
    size = 1
    now = 0
    expect(cache.dump()).toEqual([{ key: 'a', value: 'A', size: 1, ttlMs: 100 }])
    expect(cache.bytes).toBe(1)
  }

  function sized(wrongSize: unknown): () => void {
    return () => {
      size = wrongSize
      cache.set('a', 'B')
    }
  }
  function clocked(wrongTime: number): () => void {
    return () => {
      now = wrongTime
      cache.set('a', 'B', { ttlMs: 5 })
    }
  }
})

test('what sizeOf throws reaches the caller, and the cache is as before', () => {
  const cache = new LRUCache<string, string>({
    maxBytes: 10,
    sizeOf: (value) => {
      if (value === 'bad') throw new Error('cannot measure')
      return 1
    },
  })
  cache.set('a', 'A')
  expect(() => cache.set('a', 'bad')).toThrow('cannot measure')
  expect(cache.peek('a')).toBe('A')
  expect(cache.bytes).toBe(1)
})

test('a sizeOf that changes the cache does so before the set', () => {
  const cache: LRUCache<string, string> = new LRUCache({
    maxBytes: 10,
    sizeOf: (value) => {
      if (value === 'clears') cache.clear()
      return 5
    },
  })
  cache.set('a', 'A')
  cache.set('a', 'clears')
  expect([...cache]).toEqual([['a', 'clears']])
  expect(cache.bytes).toBe(5)
})

test('with maxBytes and no sizeOf, a set without size is refused', () => {
  const cache = new LRUCache<string, string>({ maxBytes: 10 })
  expect(() => cache.set('a', 'A')).toThrow(new TypeError('sizeOf or size must be given, got undefined'))
  expect(cache.set('a', 'A', { size: 1 })).toBe(true)
})

function messageOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return String(error)
  }
  return 'no error'
}
