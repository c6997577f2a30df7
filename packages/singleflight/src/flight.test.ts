import { describe, expect, test, vi } from 'vitest'
import { deferred } from '../test/deferred.ts'
import { SingleFlight } from './index.ts'

/** The signal that the run of a call gets, and what the call answers. */
function start(flights: SingleFlight<string, string>, key: string, signal?: AbortSignal) {
  const work = deferred()
  let workSignal!: AbortSignal
  const call = flights.do(
    key,
    (given) => {
      workSignal = given
      return work.promise
    },
    { signal },
  )
  return { call, work, workSignal }
}

describe('a caller who leaves', () => {
  test('is rejected at once with the reason of his signal', async () => {
    const flights = new SingleFlight<string, string>()
    const leaver = new AbortController()
    const { call } = start(flights, 'Tom', leaver.signal)
    leaver.abort('closed the tab')
    await expect(call).rejects.toBe('closed the tab')
  })

  test.each([undefined, null, 0])('may have %s for a reason', async (reason) => {
    const flights = new SingleFlight<string, string>()
    const leaver = new AbortController()
    const { call } = start(flights, 'Tom', leaver.signal)
    leaver.abort(reason)
    await expect(call).rejects.toBe(leaver.signal.reason)
  })

  test('does not hurt those who came after him', async () => {
    const flights = new SingleFlight<string, string>()
    const leaver = new AbortController()
    const { call, work, workSignal } = start(flights, 'Tom', leaver.signal)
    const withoutSignal = flights.do('Tom', () => 'other')
    const withSignal = flights.do('Tom', () => 'other', { signal: new AbortController().signal })
    leaver.abort()
    expect(flights.waiters('Tom')).toBe(2)
    expect(workSignal.aborted).toBe(false)
    work.resolve('630')
    expect(await Promise.all([withoutSignal, withSignal])).toEqual(['630', '630'])
    await expect(call).rejects.toBe(leaver.signal.reason)
  })

  test('does not hurt those who came before him', async () => {
    const flights = new SingleFlight<string, string>()
    const leaver = new AbortController()
    const { call, work } = start(flights, 'Tom')
    const late = flights.do('Tom', () => 'other', { signal: leaver.signal })
    leaver.abort()
    await expect(late).rejects.toBe(leaver.signal.reason)
    work.resolve('630')
    expect(await call).toBe('630')
  })

  test('has one outcome, the first, when his signal aborts after the outcome', async () => {
    const flights = new SingleFlight<string, string>()
    const leaver = new AbortController()
    const { call, work, workSignal } = start(flights, 'Tom', leaver.signal)
    work.resolve('630')
    expect(await call).toBe('630')
    leaver.abort()
    expect(await call).toBe('630')
    expect(workSignal.aborted).toBe(false)
  })

  test('takes all of his own calls with him, and no other', async () => {
    const flights = new SingleFlight<string, string>()
    const leaver = new AbortController()
    const tom = start(flights, 'Tom', leaver.signal)
    const jack = start(flights, 'Jack', leaver.signal)
    const sam = start(flights, 'Sam', new AbortController().signal)
    leaver.abort()
    await expect(tom.call).rejects.toBe(leaver.signal.reason)
    await expect(jack.call).rejects.toBe(leaver.signal.reason)
    expect([tom, jack, sam].map(({ workSignal }) => workSignal.aborted)).toEqual([true, true, false])
    expect(flights.size).toBe(1)
  })

  test('who calls with a signal that has aborted neither starts nor joins a run', async () => {
    const flights = new SingleFlight<string, string>()
    const signal = AbortSignal.abort('gone')
    const fn = vi.fn(() => '630')
    await expect(flights.do('Tom', fn, { signal })).rejects.toBe('gone')
    await expect(flights.doShared('Tom', fn, { signal })).rejects.toBe('gone')
    expect(fn).not.toHaveBeenCalled()
    const { workSignal } = start(flights, 'Tom', new AbortController().signal)
    await expect(flights.do('Tom', fn, { signal })).rejects.toBe('gone')
    expect(flights.waiters('Tom')).toBe(1)
    expect(workSignal.aborted).toBe(false)
  })
})

describe('the signal of the work', () => {
  test('aborts when the last caller leaves, not before, with the reason of the last', async () => {
    const flights = new SingleFlight<string, string>()
    const leavers = Array.from({ length: 3 }, () => new AbortController())
    const { call, workSignal } = start(flights, 'Tom', leavers[0]?.signal)
    const others = leavers.slice(1).map(({ signal }) => flights.do('Tom', () => 'other', { signal }))
    for (const [i, leaver] of leavers.entries()) {
      expect(workSignal.aborted).toBe(false)
      leaver.abort(`caller ${i}`)
    }
    expect(workSignal.aborted).toBe(true)
    expect(workSignal.reason).toBe('caller 2')
    const reasons = (await Promise.allSettled([call, ...others])).map(
      (outcome) => 'reason' in outcome && outcome.reason,
    )
    expect(reasons).toEqual(['caller 0', 'caller 1', 'caller 2'])
  })

  test('never aborts while a caller without a signal waits', async () => {
    const flights = new SingleFlight<string, string>()
    const leaver = new AbortController()
    const { call, workSignal } = start(flights, 'Tom', leaver.signal)
    flights.do('Tom', () => 'other')
    leaver.abort()
    await expect(call).rejects.toBe(leaver.signal.reason)
    expect(workSignal.aborted).toBe(false)
  })

  test('aborts also when the key was forgotten meanwhile', async () => {
    const flights = new SingleFlight<string, string>()
    const leaver = new AbortController()
    const { call, workSignal } = start(flights, 'Tom', leaver.signal)
    flights.forget('Tom')
    leaver.abort()
    expect(workSignal.aborted).toBe(true)
    await expect(call).rejects.toBe(leaver.signal.reason)
  })

  test('is one of its own for each run that asks for it', () => {
    const flights = new SingleFlight<string, string>()
    expect(start(flights, 'Tom').workSignal).not.toBe(start(flights, 'Jack').workSignal)
  })

  test('is there also for a function that declares no parameter', async () => {
    const flights = new SingleFlight<string, boolean>()
    const variadic = (...args: AbortSignal[]) => args[0]?.aborted ?? true
    expect(await flights.do('Tom', variadic)).toBe(false)
    expect(await flights.do('Tom', variadic, { signal: new AbortController().signal })).toBe(false)
  })

  test('aborts also for a function that declares no parameter', () => {
    const flights = new SingleFlight<string, string>()
    const leaver = new AbortController()
    let workSignal: AbortSignal | undefined
    const variadic = (...args: AbortSignal[]) => {
      workSignal = args[0]
      return new Promise<string>(() => {})
    }
    flights.do('Tom', variadic, { signal: leaver.signal }).catch(() => {})
    leaver.abort()
    expect(workSignal?.aborted).toBe(true)
  })
})

describe('after the last caller left', () => {
  test('the next caller starts a new run, though the old one has not settled', async () => {
    const flights = new SingleFlight<string, string>()
    const leaver = new AbortController()
    const { call, work } = start(flights, 'Tom', leaver.signal)
    leaver.abort()
    expect(flights.has('Tom')).toBe(false)
    const fresh = start(flights, 'Tom')
    work.resolve('old')
    await expect(call).rejects.toBe(leaver.signal.reason)
    expect(flights.has('Tom')).toBe(true)
    fresh.work.resolve('new')
    expect(await fresh.call).toBe('new')
  })

  test('a listener on the signal of the work that asks again gets a new run', async () => {
    const flights = new SingleFlight<string, string>()
    const leaver = new AbortController()
    const { call, workSignal } = start(flights, 'Tom', leaver.signal)
    let again: Promise<string> | undefined
    workSignal.addEventListener('abort', () => {
      again = flights.do('Tom', () => 'new')
    })
    leaver.abort()
    await expect(call).rejects.toBe(leaver.signal.reason)
    expect(await again).toBe('new')
  })

  test('a listener on the same signal that joins before it is too late keeps the work alive', async () => {
    const flights = new SingleFlight<string, string>()
    const leaver = new AbortController()
    let joined: Promise<string> | undefined
    leaver.signal.addEventListener('abort', () => {
      joined = flights.do('Tom', () => 'other')
    })
    const { call, work, workSignal } = start(flights, 'Tom', leaver.signal)
    leaver.abort()
    expect(workSignal.aborted).toBe(false)
    work.resolve('630')
    expect(await joined).toBe('630')
    await expect(call).rejects.toBe(leaver.signal.reason)
  })
})

test('a run may make its own caller leave', async () => {
  const flights = new SingleFlight<string, string>()
  const leaver = new AbortController()
  let abortedInside = false
  const call = flights.do(
    'Tom',
    (signal) => {
      leaver.abort('from inside')
      abortedInside = signal.aborted
      return '630'
    },
    { signal: leaver.signal },
  )
  await expect(call).rejects.toBe('from inside')
  expect(abortedInside).toBe(true)
  expect(flights.size).toBe(0)
})
