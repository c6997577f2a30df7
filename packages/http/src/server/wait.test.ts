import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Wait } from './wait.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

function waitFor(timeout: string | undefined, hangUp = new AbortController()) {
  const header = (name: string) => (name === 'geecache-timeout-ms' ? timeout : undefined)
  const body = async () => undefined
  const { signal } = hangUp
  const isGone = signal.aborted
  const wait = new Wait({ method: 'GET', path: '/', header, body, isGone, signal })
  return { wait, hangUp }
}

describe('Wait', () => {
  it('is over when the time is that the caller has given', () => {
    const { wait } = waitFor('50')
    vi.advanceTimersByTime(49)
    expect(wait.signal.aborted).toBe(false)
    vi.advanceTimersByTime(1)
    expect(wait.signal.aborted).toBe(true)
    wait.end()
  })

  it('is over when the caller hangs up, or has already', () => {
    const { wait, hangUp } = waitFor('50')
    hangUp.abort()
    expect(wait.signal.aborted).toBe(true)
    wait.end()
    const { wait: late } = waitFor('50', hangUp)
    expect(late.signal.aborted).toBe(true)
    late.end()
  })

  it('leaves nothing behind when it ends', () => {
    const { wait, hangUp } = waitFor('50')
    wait.end()
    vi.advanceTimersByTime(100)
    hangUp.abort()
    expect(wait.signal.aborted).toBe(false)
  })

  it.each([undefined, '', 'soon', '-1', '1.5', '1e3'])('goes on for ever after a time of %j', (timeout) => {
    const { wait } = waitFor(timeout)
    vi.advanceTimersByTime(2 ** 31)
    expect(wait.signal.aborted).toBe(false)
    wait.end()
  })

  it('bears a time longer than any timer', () => {
    const { wait } = waitFor('9007199254740991')
    vi.advanceTimersByTime(2 ** 30)
    expect(wait.signal.aborted).toBe(false)
    wait.end()
  })
})
