import { expect, test } from 'vitest'
import { HashRing, murmur3 } from '../src/index.ts'

const nodes = ['http://a:1', 'http://b:1', 'http://c:1', 'http://d:1', 'http://e:1']

test('keys aimed at one node of a ring that everybody can compute spread over a seeded one', () => {
  const open = new HashRing().add(...nodes)
  const aimed: string[] = []
  for (let i = 0; aimed.length < 10_000; i++) if (open.get(`key-${i}`) === nodes[0]) aimed.push(`key-${i}`)
  expect(heaviest(open, aimed)).toBe(10_000)
  expect(heaviest(new HashRing({ seed: 'only the cluster knows' }).add(...nodes), aimed)).toBeLessThan(2300)
})

test('keys that collide in MurmurHash3 whatever its seed spread over a seeded ring', () => {
  const colliding = collisions()
  for (const seed of [0, 1, 0xdeadbeef])
    expect(new Set(colliding.map((key) => murmur3(key, seed))).size).toBe(1)
  expect(new Set(colliding).size).toBe(1024)
  expect(heaviest(new HashRing({ seed: 'only the cluster knows' }).add(...nodes), colliding)).toBeLessThan(
    300,
  )
})

function heaviest(ring: HashRing, keys: readonly string[]): number {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(ring.get(key)!, (counts.get(ring.get(key)!) ?? 0) + 1)
  return Math.max(...counts.values())
}

/**
 * 1024 texts with one MurmurHash3 (Aumasson and Bernstein, 2012). A difference of bit 18 in a word, once scrambled, becomes
 * one of bit 31 in the state, which the multiplication by 5 keeps; a difference of bit 31 in the next word takes it away.
 * No seed has a say in it. Ten such pairs of words in a row make 2^10 texts.
 */
function collisions(): string[] {
  let texts = ['']
  for (let pair = 0; pair < 10; pair++) {
    const first = asciiPair(1 << 18, pair)
    const second = asciiPair(1 << 31, pair)
    texts = texts.flatMap((text) =>
      [0, 1].map((side) => text + characters(first[side]!) + characters(second[side]!)),
    )
  }
  return texts
}

/** Two words of ASCII characters whose scrambled forms differ by `difference`. Another pair for another number. */
function asciiPair(difference: number, pair: number): [number, number] {
  for (let i = pair * 1000; ; i++) {
    const word = Math.imul(i, 0x9e3779b1) & 0x7f7f7f7f
    const other = unscramble(scramble(word) ^ difference)
    if ((other & 0x80808080) === 0) return [word, other]
  }
}

function characters(word: number): string {
  return String.fromCharCode(word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24)
}

function scramble(word: number): number {
  const product = Math.imul(word, 0xcc9e2d51)
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593)
}

function unscramble(word: number): number {
  const product = Math.imul(word, inverse(0x1b873593))
  return Math.imul((product >>> 15) | (product << 17), inverse(0xcc9e2d51))
}

/** The number that takes a multiplication by `odd` back, modulo 2^32: each step doubles the bits that are right. */
function inverse(odd: number): number {
  let result = odd
  for (let i = 0; i < 5; i++) result = Math.imul(result, 2 - Math.imul(odd, result))
  return result
}
