import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Clock } from './clock.ts'

let ms = 0
let readings = 0

beforeEach(() => {
  ms = 1000
  readings = 0
  vi.spyOn(performance, 'now').mockImplementation(() => {
    readings++
    return ms
  })
})

afterEach(() => vi.restoreAllMocks())

function call(clock: Clock, times: number): void {
  for (let i = 0; i < times; i++) clock.now()
}

test('outside of a burst every call reads the clock', () => {
  const clock = new Clock()
  for (let i = 0; i < 900; i++) {
    ms += 0.001
    expect(clock.now()).toBe(ms)
  }
})

test('a burst reads the clock for one call in 65', () => {
  const clock = new Clock()
  call(clock, 1001 + 64)
  readings = 0
  call(clock, 65_000)
  expect(readings).toBe(1000)
})

test('in a burst, a call is at most 64 calls behind', () => {
  const clock = new Clock()
  call(clock, 2000)
  ms += 5
  call(clock, 64)
  expect(clock.now()).toBe(ms)
})

test('a pause between readings ends a burst', () => {
  const clock = new Clock()
  call(clock, 2000)
  ms += 5
  call(clock, 65)
  for (let i = 0; i < 900; i++) {
    ms += 0.001
    expect(clock.now()).toBe(ms)
  }
})

test('the end of the job ends a burst', async () => {
  const clock = new Clock()
  call(clock, 1010)
  await undefined
  ms += 0.5
  expect(clock.now()).toBe(ms)
})

test('calls that are not close together never make a burst', () => {
  const clock = new Clock()
  for (let i = 0; i < 5000; i++) {
    ms += 1
    expect(clock.now()).toBe(ms)
  }
})

test('a given clock is read at every call', () => {
  let given = 0
  const clock = new Clock(() => {
    given++
    return ms
  })
  call(clock, 5000)
  expect(given).toBe(5000)
})
