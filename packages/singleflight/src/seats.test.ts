/// <reference types="node" />
import { getEventListeners } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { deferred } from '../test/deferred.ts'
import { SingleFlight } from './index.ts'

const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length

const onWarning = vi.fn()
beforeEach(() => void process.on('warning', onWarning))
afterEach(() => void process.off('warning', onWarning))

test('hundreds of calls on one signal put one listener on it, and Node does not warn', async () => {
  const flights = new SingleFlight<number, number>()
  const leaver = new AbortController()
  const work = deferred<number>()
  const calls = Array.from({ length: 500 }, (_, i) =>
    flights.do(i % 100, () => work.promise, { signal: leaver.signal }),
  )
  expect(listeners(leaver.signal)).toBe(1)
  work.resolve(630)
  await Promise.all(calls)
  expect(listeners(leaver.signal)).toBe(0)
  await new Promise(setImmediate) // warnings are emitted on the next tick
  expect(onWarning).not.toHaveBeenCalled()
})

test('a million calls on one long-lived signal leave nothing on it', async () => {
  const flights = new SingleFlight<number, number>()
  const { signal } = new AbortController()
  for (let i = 0; i < 1000; i++) {
    await Promise.all(Array.from({ length: 1000 }, (_, i) => flights.do(i % 50, () => i, { signal })))
    if (listeners(signal) !== 0) expect.fail(`${listeners(signal)} listeners after ${i + 1} thousand calls`)
  }
  expect(flights.size).toBe(0)
})

test('a caller who left leaves no listener, however long the run still takes', async () => {
  const flights = new SingleFlight<string, string>()
  flights.do('Tom', () => new Promise(() => {})).catch(() => {})
  const leaver = new AbortController()
  const call = flights.do('Tom', () => '', { signal: leaver.signal })
  leaver.abort()
  await expect(call).rejects.toBe(leaver.signal.reason)
  expect(listeners(leaver.signal)).toBe(0)
})

test('a call that is refused leaves no listener', async () => {
  const flights = new SingleFlight<string, string>()
  const { signal } = new AbortController()
  await flights.do('Tom', () => flights.do('Tom', () => '', { signal })).catch(() => {})
  await flights.do('Tom', () => Promise.reject(new Error('down')), { signal }).catch(() => {})
  expect(listeners(signal)).toBe(0)
})

test('a listener stays while another call still waits on its signal', async () => {
  const flights = new SingleFlight<string, string>()
  const leaver = new AbortController()
  const { signal } = leaver
  const slow = flights.do('Jack', () => new Promise<string>(() => {}), { signal })
  await flights.do('Tom', () => '630', { signal })
  expect(listeners(signal)).toBe(1)
  leaver.abort()
  await expect(slow).rejects.toBe(signal.reason)
})

test('a run that goes on holds nothing of a caller who left', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const flights = new SingleFlight<string, string>()
  const work = deferred()
  const stays = flights.do('Tom', () => work.promise)
  const comeAndGo = async () => {
    const leaver = new AbortController()
    const call = flights.do('Tom', () => 'other', { signal: leaver.signal })
    leaver.abort()
    await call.catch(() => {})
    return new WeakRef(leaver.signal)
  }
  const signal = await comeAndGo()
  await new Promise(setImmediate) // a WeakRef holds what it was made from until the next turn
  collectGarbage()
  expect(signal.deref()).toBeUndefined()
  work.resolve('630')
  expect(await stays).toBe('630')
})
