import { expect, test } from 'vitest'
import { balancedTable } from './balanced-table.ts'
import { murmur3 } from './hash/murmur3.ts'

test('a node whose second word of hash is zero still has its points all around the ring', () => {
  const hash = (text: string) => (text.endsWith('\0') ? 0 : murmur3(text))
  const nodes = ['a', 'b'].map((name) => ({ name, points: 2048 }))
  for (const share of balancedTable(nodes, hash).shares()) expect(Math.abs(share - 0.5)).toBeLessThan(0.05)
})
