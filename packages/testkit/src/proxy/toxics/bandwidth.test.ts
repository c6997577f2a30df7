import { expect, it } from 'vitest'
import { afflicted } from '../afflicted.ts'
import { bandwidth } from './bandwidth.ts'

it('takes a second for as many bytes as it lets through in one', async () => {
  const { send, time, out } = afflicted(bandwidth(1000))
  void send('x'.repeat(2000))
  await time.advance(1000)
  expect(out.reduce((sum, { text }) => sum + text.length, 0)).toBe(1000)
  expect(out.map(({ at }) => at)).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900, 1000])
  await time.advance(1000)
  expect(out.map(({ text }) => text).join('')).toBe('x'.repeat(2000))
})

it('is as fast for many small chunks', async () => {
  const { send, time, out } = afflicted(bandwidth(10))
  void send(...'abcdefghij')
  await time.advance(1000)
  expect(out.map(({ text }) => text).join('')).toBe('abcdefghij')
})
