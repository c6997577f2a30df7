import { expect, test } from 'vitest'
import { balancedTable } from './balanced-table.ts'
import { murmur3 } from './hash/murmur3.ts'

test('a node whose second word of hash is zero still has its points all around the ring', () => {
  const hash = (text: string) => (text.endsWith('\0') ? 0 : murmur3(text))
  const nodes = ['a', 'b'].map((name) => ({ name, points: 2048 }))
  for (const share of balancedTable(nodes, hash).shares()) expect(Math.abs(share - 0.5)).toBeLessThan(0.05)
})

test('nodes that share the first word of hash do not share their points', () => {
  const hash = (text: string) => (text.endsWith('\0') ? murmur3(text) : 7)
  const nodes = ['a', 'b'].map((name) => ({ name, points: 2048 }))
  for (const share of balancedTable(nodes, hash).shares()) expect(Math.abs(share - 0.5)).toBeLessThan(0.05)
})

test('more nodes than 16 bits count have their shares', () => {
  const nodes = Array.from({ length: 80_000 }, (_, i) => ({ name: `node ${i}`, points: 2 }))
  const beyond = balancedTable(nodes, murmur3).shares().subarray(0x10000)
  expect(beyond.reduce((sum, share) => sum + share)).toBeCloseTo(1 - 0x10000 / 80_000, 1)
})

test('of nodes whose points crowd in one slot, the next in ring order takes over from the owner', () => {
  const nodes = Array.from({ length: 200 }, (_, i) => ({ name: `node ${i}`, points: 2048 }))
  const table = balancedTable(nodes, murmur3)
  for (let key = 0; key < 20; key++) {
    const owner = table.ownerOf(`${key}`)
    const visited: number[] = []
    table.walk(`${key}`, (node) => visited.push(node) === 100)
    expect(visited).toHaveLength(100)
    const others = nodes.filter((_, node) => node !== owner)
    const standIn = others[balancedTable(others, murmur3).ownerOf(`${key}`)]!
    expect(nodes[visited.find((node) => node !== owner)!]).toEqual(standIn)
  }
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
