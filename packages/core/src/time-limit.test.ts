import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { withSubstitute, withTimeLimit } from './time-limit.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const never = () => new Promise<never>(() => {})
const late = () => new Error('late')

describe('withTimeLimit', () => {
  it('gives what the work brings in time, and leaves no timer and no listener', async () => {
    const caller = new AbortController()
    const remove = vi.spyOn(caller.signal, 'removeEventListener')
    expect(await withTimeLimit(100, late, caller.signal, async () => 'value')).toBe('value')
    expect(vi.getTimerCount()).toBe(0)
    expect(remove).toHaveBeenCalledTimes(1)
  })

  it('gives up on work that does not heed its signal, which aborts', async () => {
    let inner: AbortSignal | undefined
    const result = withTimeLimit(100, late, new AbortController().signal, (signal) => {
      inner = signal
      return never()
    })
    result.catch(() => {})
    vi.advanceTimersByTime(99)
    expect(inner?.aborted).toBe(false)
    vi.advanceTimersByTime(1)
    await expect(result).rejects.toThrow('late')
    expect(inner?.aborted).toBe(true)
  })

  it('passes the caller’s abort on to the work', () => {
    const caller = new AbortController()
    let inner: AbortSignal | undefined
    void withTimeLimit(100, late, caller.signal, (signal) => {
      inner = signal
      return never()
    }).catch(() => {})
    caller.abort('left')
    expect(inner?.reason).toBe('left')
  })
})

describe('withSubstitute', () => {
  it('gives what the work brings in time, or its error, and leaves no timer', async () => {
    expect(await withSubstitute(100, 'stale', Promise.resolve('fresh'))).toBe('fresh')
    await expect(withSubstitute(100, 'stale', Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('gives the substitute when the work takes longer', async () => {
    const result = withSubstitute<string>(100, 'stale', never())
    vi.advanceTimersByTime(100)
    expect(await result).toBe('stale')
  })
})
