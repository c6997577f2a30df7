import { expect, test } from 'vitest'
import { balancedTable } from './balanced-table.ts'
import { murmur3 } from './hash/murmur3.ts'

test('a node whose second word of hash is zero still has its points all around the ring', () => {
  const hash = (text: string) => (text.endsWith('\0') ? 0 : murmur3(text))
  const nodes = ['a', 'b'].map((name) => ({ name, points: 2048 }))
  for (const share of balancedTable(nodes, hash).shares()) expect(Math.abs(share - 0.5)).toBeLessThan(0.05)
})

test('what a failed owner leaves is known when the ring is built: beyond it, no text but the key is hashed', () => {
  let hashed = 0
  const hash = (text: string) => {
    hashed++
    return murmur3(text)
  }
  const nodes = Array.from({ length: 100 }, (_, i) => ({ name: `node ${i}`, points: 2048 }))
  const table = balancedTable(nodes, hash)
  hashed = 0
  const visited: number[] = []
  table.walk('Tom', (node) => visited.push(node) === 0)
  expect(visited[0]).toBe(table.ownerOf('Tom'))
  expect(visited).toHaveLength(100 * 2048)
  expect(hashed).toBe(2)
})
