import { expect, test } from 'vitest'
import { crc32 } from './hash/crc32.ts'
import { HashRing } from './hash-ring.ts'
import type { HashRingOptions } from './options.ts'

test.each<[HashRingOptions | Record<string, unknown>, string]>([
  [{ replicas: 0 }, 'replicas must be a positive integer, got 0'],
  [{ replicas: 1.5 }, 'replicas must be a positive integer, got 1.5'],
  [{ replicas: '50' }, 'replicas must be a positive integer, got "50"'],
  [{ hash: 'md5' }, 'hash must be a function, got "md5"'],
  [{ hash: crc32, hashBits: 64 }, 'hashBits must be an integer from 1 to 53, got 64'],
  [{ hash: crc32, hashBits: 54 }, 'hashBits must be an integer from 1 to 53, got 54'],
  [{ hash: crc32, hashBits: 0 }, 'hashBits must be an integer from 1 to 53, got 0'],
  [{ hash: crc32, hashBits: 31.5 }, 'hashBits must be an integer from 1 to 53, got 31.5'],
  [{ hash: crc32, label: 'x' }, 'label must be a function, got "x"'],
  [{ hash: crc32, seed: 1 }, 'seed must be absent with hash, got 1'],
  [{ seed: Number.NaN }, 'seed must be a string or a finite number, got NaN'],
  [{ seed: null }, 'seed must be a string or a finite number, got null'],
])('%o is refused', (options, message) => {
  expect(() => new HashRing(options as HashRingOptions)).toThrow(message)
})

test('a ring with a hash of its own has 512 points a node', () => {
  const ring = new HashRing({ hash: crc32 }).add('a', { name: 'b', weight: Number.MIN_VALUE })
  expect(ring.fairShare('b')).toBe(1 / 513)
})

test('more points than a ring can have are refused before anything is built', () => {
  expect(() => new HashRing({ replicas: 2 ** 30 }).add('a')).toThrow('at most 536870912')
  expect(new HashRing({ replicas: 2 ** 29 }).add('a').size).toBe(1)
  expect(() => new HashRing({ replicas: 2 ** 26, hash: crc32 }).add('a')).toThrow('at most 33554432')
})
