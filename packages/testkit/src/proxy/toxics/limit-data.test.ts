import { expect, it } from 'vitest'
import { afflicted } from '../afflicted.ts'
import { limitData } from './limit-data.ts'

it.each([
  [0, ''],
  [1, 'a'],
  [3, 'abc'],
  [4, 'abcd'],
])('lets %i bytes through and closes', async (limit, expected) => {
  const { send, out, endings } = afflicted(limitData(limit))
  await send('abc', 'def')
  expect(out.map(({ text }) => text).join('')).toBe(expected)
  expect(endings[0]).toEqual({ at: 0, what: 'close' })
})

it('leaves a connection alone that sends less', async () => {
  const { send, out, endings } = afflicted(limitData(7))
  await send('abc', 'def')
  expect(out.map(({ text }) => text)).toEqual(['abc', 'def'])
  expect(endings).toEqual([])
})
