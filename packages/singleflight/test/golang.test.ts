import { expect, test } from 'vitest'
import { SingleFlight } from '../src/index.ts'
import { deferred } from './deferred.ts'

// What the tests of golang.org/x/sync/singleflight ask for, in the words of this package: Do is doShared, DoChan is do
// (a promise is a channel of one value), a panic is a throw.

test('TestDo: the value of the function is the value of the call', async () => {
  const flights = new SingleFlight<string, string>()
  expect(await flights.doShared('key', () => 'bar')).toEqual({ value: 'bar', shared: false })
})

test('TestDoErr: the error of the function is the error of the call', async () => {
  const flights = new SingleFlight<string, string>()
  const someError = new Error('some error')
  await expect(flights.doShared('key', () => Promise.reject(someError))).rejects.toBe(someError)
})

test('TestDoDupSuppress: callers who come while the function runs share its run', async () => {
  const flights = new SingleFlight<string, string>()
  const work = deferred()
  let calls = 0
  const fn = () => {
    calls++
    return work.promise
  }
  const early = Array.from({ length: 10 }, () => flights.doShared('key', fn))
  await null // some are waiting, some have yet to come
  const late = Array.from({ length: 10 }, () => flights.doShared('key', fn))
  expect(flights.waiters('key')).toBe(20)
  work.resolve('bar')
  for (const result of await Promise.all([...early, ...late]))
    expect(result).toEqual({ value: 'bar', shared: true })
  expect(calls).toBe(1)
})

test('TestForget: a key that was forgotten is asked for anew, while its first call still waits', async () => {
  const flights = new SingleFlight<string, number>()
  const [first, second] = [deferred<number>(), deferred<number>()]
  const firstCall = flights.do('key', () => first.promise)
  flights.forget('key')
  const secondCall = flights.doShared('key', () => second.promise)
  const thirdCall = flights.doShared('key', () => {
    throw new Error('must join the second call')
  })
  first.resolve(1)
  expect(await firstCall).toBe(1)
  second.resolve(2)
  expect(await Promise.all([secondCall, thirdCall])).toEqual(Array(2).fill({ value: 2, shared: true }))
})

test('TestDoChan: one function may wait for the same key in many places', async () => {
  const flights = new SingleFlight<string, string>()
  const call = flights.do('key', () => 'bar')
  expect(await Promise.race([call, new Promise(() => {})])).toBe('bar')
})

test('TestPanicDo: a function that throws throws in every caller, and the key can be used again', async () => {
  const flights = new SingleFlight<string, string>()
  const panic = () => {
    throw new Error('invalid memory address or nil pointer dereference')
  }
  const calls = await Promise.allSettled(Array.from({ length: 5 }, () => flights.do('key', panic)))
  expect(calls.map(({ status }) => status)).toEqual(Array(5).fill('rejected'))
  expect(await flights.do('key', () => 'bar')).toBe('bar')
})

test('TestForgetMisbehaving: a function that forgets its own key frees it, and still answers its callers', async () => {
  const flights = new SingleFlight<string, string>()
  const call = flights.do('key', async () => {
    await null
    flights.forget('key')
    return 'bar'
  })
  expect(await call).toBe('bar')
  expect(flights.size).toBe(0)
})
