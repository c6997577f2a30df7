import { expect, it } from 'vitest'
import { afflicted } from '../afflicted.ts'
import { resetPeer } from './reset-peer.ts'

it('resets at the first byte', async () => {
  const { send, out, endings } = afflicted(resetPeer())
  await send('a')
  expect([out, endings]).toEqual([[], [{ at: 0, what: 'reset' }]])
})

it('resets some time after it', async () => {
  const { send, time, out, endings } = afflicted(resetPeer(50))
  void send('a')
  await time.advance(50)
  expect([out, endings]).toEqual([[], [{ at: 50, what: 'reset' }]])
})
