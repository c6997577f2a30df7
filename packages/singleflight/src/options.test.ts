import { expect, test } from 'vitest'
import { SingleFlight } from './index.ts'

// What a caller without types can get wrong.
const anything = (value: unknown) => value as never

test.each([0, -1, Number.NaN, '100 ms', {}])('maxAgeMs cannot be %s', (maxAgeMs) => {
  const construct = () => new SingleFlight(anything({ maxAgeMs }))
  expect(construct).toThrow(RangeError)
  expect(construct).toThrow(`maxAgeMs must be above 0, got ${maxAgeMs}`)
})

test('options that are undefined are as good as absent', async () => {
  const flights = new SingleFlight<string, string>({ maxAgeMs: undefined, now: undefined })
  expect(await flights.do('Tom', () => '630', { signal: undefined })).toBe('630')
  expect(await flights.do('Tom', () => '630', undefined)).toBe('630')
  expect(await flights.do('Tom', () => '630', anything({ signal: null }))).toBe('630')
})

test.each([undefined, null, '630', {}])('%s is no function to run, and the key stays free', async (fn) => {
  const flights = new SingleFlight<string, string>()
  await expect(flights.do('Tom', anything(fn))).rejects.toThrow(TypeError)
  await expect(flights.doShared('Tom', anything(fn))).rejects.toThrow(TypeError)
  const [outcome] = await flights.doMany(['Tom'], anything(fn))
  expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(TypeError) })
  expect(flights.size).toBe(0)
})

test.each([new AbortController(), 'soon', 5, true, {}])(
  '%s is no signal, and nobody is counted for it',
  async (signal) => {
    const flights = new SingleFlight<string, string>()
    const options = anything({ signal })
    await expect(flights.do('Tom', () => '630', options)).rejects.toThrow(TypeError)
    await expect(flights.doMany(['Tom'], async () => ['630'], options)).rejects.toThrow(TypeError)
    expect(flights.size).toBe(0)
    flights.do('Tom', () => new Promise(() => {}))
    await expect(flights.do('Tom', () => '630', options)).rejects.toThrow(TypeError)
    expect(flights.waiters('Tom')).toBe(1)
  },
)

test.each([undefined, null, 5])('%s is no list of keys', async (keys) => {
  const flights = new SingleFlight<string, string>()
  await expect(flights.doMany(anything(keys), async () => [])).rejects.toThrow(TypeError)
})
