import { expect, it } from 'vitest'
import { afflicted } from '../afflicted.ts'
import { slowClose } from './slow-close.ts'

it('lets bytes through at once, and the end late', async () => {
  const { send, end, time, out, endings } = afflicted(slowClose(200))
  await send('a')
  void end()
  await time.advance(199)
  expect([out, endings]).toEqual([[{ at: 0, text: 'a' }], []])
  await time.advance(1)
  expect(endings).toEqual([{ at: 200, what: 'end' }])
})
