import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { PeerAnswer } from '@geecache/core'
import { expect, it, vi } from 'vitest'
import { Deadlines } from './deadlines.ts'
import type { PeerLink } from './peer-link.ts'
import { PendingGet } from './pending-get.ts'

const link = { deadlines: new Deadlines(1000) } as unknown as PeerLink

function pending(answer: PeerAnswer): PendingGet {
  return new PendingGet(link, { group: 'scores', key: 'Tom', answer, request: undefined })
}

it('tells once', () => {
  const answer = { succeed: vi.fn(), fail: vi.fn() }
  const get = pending(answer)
  expect(get.isSettled).toBe(false)
  const value = { bytes: new Uint8Array(0) }
  get.succeed(value)
  get.succeed(value)
  get.fail(new Error('late'))
  get.expire()
  expect(get.isSettled).toBe(true)
  expect(answer.succeed.mock.calls).toEqual([[value]])
  expect(answer.fail).not.toHaveBeenCalled()
})

it('lets go of whom it has told, though it is remembered itself', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const [get, told] = (() => {
    const answer = { succeed: () => {}, fail: () => {} }
    return [pending(answer), new WeakRef(answer)]
  })()
  get.succeed({ bytes: new Uint8Array(0) })
  await new Promise(setImmediate)
  collect()
  expect(told.deref()).toBeUndefined()
  expect(get.isSettled).toBe(true)
})
