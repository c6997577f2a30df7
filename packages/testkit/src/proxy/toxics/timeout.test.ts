import { expect, it } from 'vitest'
import { afflicted } from '../afflicted.ts'
import { timeout } from './timeout.ts'

it('lets nothing through, and closes after its time', async () => {
  const { send, time, out, endings } = afflicted(timeout(500))
  void send('a')
  await time.advance(499)
  expect([out, endings]).toEqual([[], []])
  await time.advance(1)
  expect([out, endings]).toEqual([[], [{ at: 500, what: 'close' }]])
})

it('never closes without a time, nor tells that the sender did', async () => {
  const { send, end, time, out, endings } = afflicted(timeout(0))
  void send('a')
  void end()
  await time.advance(1e9)
  expect([out, endings]).toEqual([[], []])
})
