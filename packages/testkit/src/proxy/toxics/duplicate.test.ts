import { expect, it } from 'vitest'
import { afflicted } from '../afflicted.ts'
import { duplicate } from './duplicate.ts'

it('sends each chunk twice', async () => {
  const { send, out } = afflicted(duplicate())
  await send('a', 'b')
  expect(out.map(({ text }) => text)).toEqual(['a', 'a', 'b', 'b'])
})

it('sends some of them twice', async () => {
  const { send, out } = afflicted(duplicate(0.25))
  await send(...Array(1000).fill('x'))
  expect(out.length).toBeGreaterThan(1150)
  expect(out.length).toBeLessThan(1350)
})
