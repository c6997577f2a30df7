import { expect, test, vi } from 'vitest'
import { isSingleFlightError, SingleFlight, SingleFlightError } from './index.ts'

const error = new SingleFlightError('reentrant', 'waits for itself')

test('an error is told by its code', () => {
  expect(isSingleFlightError(error)).toBe(true)
  expect(isSingleFlightError(error, 'reentrant')).toBe(true)
  expect(isSingleFlightError(error, 'batch-mismatch')).toBe(false)
  expect(error).toBeInstanceOf(Error)
  expect(String(error)).toBe('SingleFlightError: waits for itself')
})

test('an error of a second copy of the package is recognised', async () => {
  vi.resetModules()
  const copy = await import('./index.ts')
  expect(copy.SingleFlightError).not.toBe(SingleFlightError)
  expect(copy.isSingleFlightError(error, 'reentrant')).toBe(true)
})

test.each([undefined, null, 'reentrant', {}, new Error('reentrant'), { code: 'reentrant' }])(
  '%s is none',
  (other) => {
    expect(isSingleFlightError(other)).toBe(false)
  },
)

test('errors of the work are handed on as they are', async () => {
  const failure = new Error('down')
  const flights = new SingleFlight<string, string>()
  await expect(flights.do('Tom', () => Promise.reject(failure))).rejects.toBe(failure)
})
