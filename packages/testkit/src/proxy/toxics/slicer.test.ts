import { expect, it } from 'vitest'
import { afflicted } from '../afflicted.ts'
import { slicer } from './slicer.ts'

it('cuts into pieces, and loses nothing', async () => {
  const { send, out } = afflicted(slicer(3))
  await send('abcdefg', 'hi')
  expect(out.map(({ text }) => text)).toEqual(['abc', 'def', 'g', 'hi'])
})

it('waits before each piece', async () => {
  const { send, time, out } = afflicted(slicer(1, { delayMs: 100 }))
  void send('abc')
  await time.advance(250)
  expect(out).toEqual([
    { at: 100, text: 'a' },
    { at: 200, text: 'b' },
  ])
})

it('varies the pieces', async () => {
  const { send, out } = afflicted(slicer(10, { variation: 9 }))
  await send('x'.repeat(1000))
  const lengths = out.map(({ text }) => text.length)
  expect(lengths.reduce((sum, length) => sum + length)).toBe(1000)
  expect(Math.max(...lengths)).toBeLessThanOrEqual(19)
  expect(new Set(lengths).size).toBeGreaterThan(5)
})
