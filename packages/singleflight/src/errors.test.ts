import { expect, test, vi } from 'vitest'
import { reentrantError } from './errors.ts'
import { isReentrantError, SingleFlight } from './index.ts'

test('a re-entrant call is told by its code and by the guard', async () => {
  const flights = new SingleFlight<string, string>()
  const error = await flights.do('Tom', () => flights.do('Tom', () => 'inner')).catch((reason) => reason)
  expect(error).toBeInstanceOf(Error)
  expect(error).toMatchObject({ code: 'reentrant', key: 'Tom' })
  expect(isReentrantError(error)).toBe(true)
})

test('an error of a second copy of the package is recognised', async () => {
  vi.resetModules()
  const copy = await import('./errors.ts')
  expect(copy.reentrantError).not.toBe(reentrantError)
  expect(copy.isReentrantError(reentrantError('Tom'))).toBe(true)
})

test.each([undefined, null, 'reentrant', {}, new Error('reentrant'), { code: 'reentrant' }])(
  '%s is none',
  (other) => {
    expect(isReentrantError(other)).toBe(false)
  },
)

test('errors of the work are handed on as they are', async () => {
  const failure = new Error('down')
  const flights = new SingleFlight<string, string>()
  await expect(flights.do('Tom', () => Promise.reject(failure))).rejects.toBe(failure)
})
