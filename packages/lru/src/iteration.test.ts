import { expect, test } from 'vitest'
import { LRUCache } from './lru-cache.ts'

function abcde(): LRUCache<string, number> {
  const cache = new LRUCache<string, number>({ maxEntries: 5 })
  for (const key of ['e', 'd', 'c', 'b', 'a']) cache.set(key, 1)
  return cache
}

test('keys, values, entries and the cache itself go from the most recent to the least', () => {
  const cache = new LRUCache<string, number>({ maxEntries: 5 })
  cache.set('a', 1)
  cache.set('b', 2)
  expect([...cache.keys()]).toEqual(['b', 'a'])
  expect([...cache.values()]).toEqual([2, 1])
  expect([...cache.entries()]).toEqual([...cache])
  expect(new Map(cache)).toEqual(
    new Map([
      ['b', 2],
      ['a', 1],
    ]),
  )
})

test('every entry may be deleted at its turn', () => {
  const cache = abcde()
  const visited: string[] = []
  for (const key of cache.keys()) {
    visited.push(key)
    cache.delete(key)
  }
  expect(visited.join('')).toBe('abcde')
  expect(cache.size).toBe(0)
})

test('an entry deleted or evicted before its turn is not visited', () => {
  const cache = abcde()
  const visited: string[] = []
  for (const key of cache.keys()) {
    visited.push(key)
    if (key === 'a') {
      cache.delete('b')
      cache.set('new', 1)
      cache.set('newer', 1)
    }
  }
  expect(visited.join('')).toBe('acd')
})

test('an entry that is used meanwhile is still visited once', () => {
  const cache = abcde()
  const visited: string[] = []
  for (const key of cache.keys()) {
    visited.push(key)
    cache.get('d')
    cache.get(key)
  }
  expect(visited.join('')).toBe('abcde')
})

test('an entry deleted and set again is visited with its new value', () => {
  const cache = abcde()
  const visited: [string, number][] = []
  for (const entry of cache) {
    if (entry[0] === 'a') {
      cache.delete('c')
      cache.set('c', 2)
    }
    visited.push(entry)
  }
  expect(visited).toEqual([
    ['a', 1],
    ['b', 1],
    ['c', 2],
    ['d', 1],
    ['e', 1],
  ])
})

test('entries set meanwhile are not visited, so iteration ends', () => {
  const cache = new LRUCache<number, number>({ maxEntries: 100 })
  cache.set(0, 0)
  let visits = 0
  for (const key of cache.keys()) {
    cache.set(key + 1, 0)
    visits++
  }
  expect(visits).toBe(1)
})

test('clear ends an iteration', () => {
  const cache = abcde()
  const visited: string[] = []
  for (const key of cache.keys()) {
    visited.push(key)
    cache.clear()
  }
  expect(visited).toEqual(['a'])
})
