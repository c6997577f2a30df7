import { describe, expect, test, vi } from 'vitest'
import { deferred } from '../test/deferred.ts'
import { SingleFlight } from './index.ts'

describe('one run for all', () => {
  test('callers of one key share one run and its value', async () => {
    const flights = new SingleFlight<string, string>()
    const work = deferred()
    const fn = vi.fn(() => work.promise)
    const calls = Array.from({ length: 1000 }, () => flights.do('Tom', fn))
    expect(fn).toHaveBeenCalledTimes(1)
    expect(flights.waiters('Tom')).toBe(1000)
    work.resolve('630')
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['630']))
    expect(fn).toHaveBeenCalledTimes(1)
  })

  test('the run starts synchronously, with the caller already counted', () => {
    const flights = new SingleFlight<string, string>()
    let waitersInside = 0
    flights.do('Tom', () => {
      waitersInside = flights.waiters('Tom')
      return '630'
    })
    expect(waitersInside).toBe(1)
  })

  test('callers of different keys do not share', async () => {
    const flights = new SingleFlight<string, string>()
    const both = Promise.all([flights.do('Tom', () => '630'), flights.do('Jack', () => '589')])
    expect(flights.size).toBe(2)
    expect(await both).toEqual(['630', '589'])
  })

  test('the next caller after the outcome starts a new run', async () => {
    const flights = new SingleFlight<string, number>()
    let runs = 0
    const fn = () => ++runs
    expect(await flights.do('Tom', fn)).toBe(1)
    expect(flights.has('Tom')).toBe(false)
    expect(await flights.do('Tom', fn)).toBe(2)
  })

  test('nothing is left of a key by the time its first caller has the outcome', async () => {
    const flights = new SingleFlight<string, string>()
    await flights.do('Tom', async () => '630')
    expect([flights.size, flights.has('Tom'), flights.waiters('Tom')]).toEqual([0, false, 0])
    await flights.do('Tom', () => Promise.reject(new Error('down'))).catch(() => {})
    expect([flights.size, flights.has('Tom'), flights.waiters('Tom')]).toEqual([0, false, 0])
  })

  test('keys are told apart as a Map tells them apart', async () => {
    const flights = new SingleFlight<unknown, string>()
    const keys = [1, '1', null, undefined, {}, {}, Symbol('1'), true, 'true', 1n]
    const runs = keys.map((key, i) => flights.do(key, () => `run ${i}`))
    expect(flights.size).toBe(keys.length)
    expect(flights.do(Number.NaN, () => 'first')).toBe(flights.do(Number.NaN, () => 'second'))
    expect(await Promise.all(runs)).toEqual(keys.map((_, i) => `run ${i}`))
  })

  test('two instances share nothing', () => {
    const one = new SingleFlight<string, string>()
    const other = new SingleFlight<string, string>()
    one.do('Tom', () => '630')
    expect(other.has('Tom')).toBe(false)
  })
})

describe('any outcome', () => {
  const oddities = [undefined, null, false, 0, '', Number.NaN, 0n]

  test.each(oddities)('a returned %s reaches every caller', async (value) => {
    const flights = new SingleFlight<string, unknown>()
    expect(await Promise.all([flights.do('k', () => value), flights.do('k', () => 'other')])).toEqual([
      value,
      value,
    ])
  })

  test.each(oddities)('a thrown %s rejects every caller', async (reason) => {
    const flights = new SingleFlight<string, unknown>()
    const signal = new AbortController().signal
    const fn = vi.fn(() => {
      throw reason
    })
    const outcomes = await Promise.allSettled([
      flights.do('k', fn),
      flights.do('k', fn),
      flights.do('k', fn, { signal }),
      flights.doShared('k', fn),
    ])
    expect(outcomes).toEqual(Array(4).fill({ status: 'rejected', reason }))
    expect(fn).toHaveBeenCalledTimes(1)
  })

  test.each(oddities)('a rejection with %s rejects every caller', async (reason) => {
    const flights = new SingleFlight<string, unknown>()
    const signal = new AbortController().signal
    const fn = () => Promise.reject(reason)
    const outcomes = await Promise.allSettled([flights.do('k', fn), flights.do('k', fn, { signal })])
    expect(outcomes).toEqual(Array(2).fill({ status: 'rejected', reason }))
  })

  test('a thenable is waited for', async () => {
    const flights = new SingleFlight<string, string>()
    const thenable: PromiseLike<string> = {
      // biome-ignore lint/suspicious/noThenProperty: the subject of this test
      then: (onValue) => Promise.resolve('630').then(onValue),
    }
    expect(await flights.do('Tom', () => thenable)).toBe('630')
  })

  test('a thenable that throws rejects every caller', async () => {
    const flights = new SingleFlight<string, string>()
    const thenable = {
      // biome-ignore lint/suspicious/noThenProperty: the subject of this test
      get then(): never {
        throw new Error('broken')
      },
    }
    await expect(flights.do('Tom', () => thenable)).rejects.toThrow('broken')
    expect(flights.size).toBe(0)
  })

  test('an Error that is returned, not thrown, is a value', async () => {
    const flights = new SingleFlight<string, Error>()
    const error = new Error('just data')
    expect(await flights.do('k', () => error)).toBe(error)
  })
})

describe('doShared', () => {
  test('says that the value was not shared when one caller got it', async () => {
    const flights = new SingleFlight<string, string>()
    expect(await flights.doShared('Tom', () => '630')).toEqual({ value: '630', shared: false })
  })

  test('says that the value was shared to all who share it, also to the first one', async () => {
    const flights = new SingleFlight<string, string>()
    const first = flights.doShared('Tom', () => '630')
    const second = flights.doShared('Tom', () => 'other')
    expect(await Promise.all([first, second])).toEqual(Array(2).fill({ value: '630', shared: true }))
  })

  test('counts callers of do', async () => {
    const flights = new SingleFlight<string, string>()
    const first = flights.doShared('Tom', () => '630')
    flights.do('Tom', () => 'other')
    expect(await first).toEqual({ value: '630', shared: true })
  })

  test('does not count callers who left before there was a value', async () => {
    const flights = new SingleFlight<string, string>()
    const work = deferred()
    const leaver = new AbortController()
    const stays = flights.doShared('Tom', () => work.promise)
    const leaves = flights.do('Tom', () => 'other', { signal: leaver.signal })
    leaver.abort()
    work.resolve('630')
    expect(await stays).toEqual({ value: '630', shared: false })
    await expect(leaves).rejects.toBe(leaver.signal.reason)
  })

  test('is right also when the run forgets its own key', async () => {
    const flights = new SingleFlight<string, string>()
    const alone = flights.doShared('Tom', () => {
      flights.forget('Tom')
      return '630'
    })
    flights.do('Tom', () => 'other')
    flights.do('Tom', () => 'other')
    expect(await alone).toEqual({ value: '630', shared: false })
  })
})

describe('forget', () => {
  test('lets those who wait keep their answer, and the next caller start anew', async () => {
    const flights = new SingleFlight<string, string>()
    const [old, fresh] = [deferred(), deferred()]
    const before = flights.do('Tom', () => old.promise)
    expect(flights.forget('Tom')).toBe(true)
    expect(flights.has('Tom')).toBe(false)
    const after = flights.do('Tom', () => fresh.promise)
    fresh.resolve('new')
    old.resolve('old')
    expect(await before).toBe('old')
    expect(await after).toBe('new')
  })

  test('says so when there is nothing to forget', () => {
    expect(new SingleFlight<string, string>().forget('Tom')).toBe(false)
  })

  test('a forgotten flight that settles leaves its successor alone', async () => {
    const flights = new SingleFlight<string, string>()
    const [old, fresh] = [deferred(), deferred()]
    const third = vi.fn(() => 'third')
    const before = flights.do('Tom', () => old.promise)
    flights.forget('Tom')
    const after = flights.do('Tom', () => fresh.promise)
    old.resolve('old')
    await before
    expect(flights.has('Tom')).toBe(true)
    const joined = flights.do('Tom', third)
    fresh.resolve('new')
    expect(await Promise.all([after, joined])).toEqual(['new', 'new'])
    expect(third).not.toHaveBeenCalled()
  })

  test('a forgotten flight that everybody leaves leaves its successor alone', async () => {
    const flights = new SingleFlight<string, string>()
    const leaver = new AbortController()
    const before = flights.do('Tom', () => new Promise(() => {}), { signal: leaver.signal })
    flights.forget('Tom')
    const after = flights.do('Tom', () => 'new')
    leaver.abort()
    expect(flights.has('Tom')).toBe(true)
    expect(await after).toBe('new')
    await expect(before).rejects.toBe(leaver.signal.reason)
  })
})

describe('maxAgeMs', () => {
  test('past it a caller starts a new run, and those of the old run keep their answer', async () => {
    let time = 0
    const flights = new SingleFlight<string, string>({ maxAgeMs: 100, now: () => time })
    const [old, fresh] = [deferred(), deferred()]
    const first = flights.do('Tom', () => old.promise)
    time = 100
    const joined = flights.do('Tom', () => fresh.promise)
    expect(flights.waiters('Tom')).toBe(2)
    time = 101
    const after = flights.do('Tom', () => fresh.promise)
    expect(flights.waiters('Tom')).toBe(1)
    old.resolve('old')
    expect(await Promise.all([first, joined])).toEqual(['old', 'old'])
    expect(flights.has('Tom')).toBe(true)
    fresh.resolve('new')
    expect(await after).toBe('new')
  })

  test('the clock is not read where there is no age limit', async () => {
    const now = vi.fn(() => 0)
    const flights = new SingleFlight<string, string>({ now })
    await Promise.all([flights.do('Tom', () => '630'), flights.do('Tom', () => '630')])
    expect(now).not.toHaveBeenCalled()
  })

  test('the default clock is monotonic', async () => {
    const flights = new SingleFlight<string, string>({ maxAgeMs: 1 })
    const clock = vi.spyOn(performance, 'now').mockReturnValue(0)
    const first = flights.do('Tom', () => 'old')
    clock.mockReturnValue(2)
    expect(await flights.do('Tom', () => 'new')).toBe('new')
    expect(await first).toBe('old')
  })
})

describe('re-entrancy', () => {
  const reentrant = { code: 'reentrant' }

  test('a run that asks for its own key gets an error at once', async () => {
    const flights = new SingleFlight<string, string>()
    const run = flights.do('Tom', () => flights.do('Tom', () => 'inner'))
    await expect(run).rejects.toMatchObject({ ...reentrant, key: 'Tom' })
    expect(flights.size).toBe(0)
  })

  test('so does a run that asks for its key by way of another', async () => {
    const flights = new SingleFlight<string, string>()
    const run = flights.do('Tom', () => flights.do('Jack', () => flights.do('Tom', () => 'inner')))
    await expect(run).rejects.toMatchObject(reentrant)
  })

  test('so does a run that asks for its own key later, if it passes its signal on', async () => {
    const flights = new SingleFlight<string, string>()
    const run = flights.do('Tom', async (signal) => {
      await null
      return flights.do('Tom', () => 'inner', { signal })
    })
    await expect(run).rejects.toMatchObject(reentrant)
  })

  test('so do runs that wait for one another in a circle, if they pass their signals on', async () => {
    const flights = new SingleFlight<string, string>()
    const ask = (key: string, ...rest: string[]): ((signal: AbortSignal) => Promise<string>) => {
      return async (signal) => {
        await null
        const [next = '', ...others] = rest
        return flights.do(next, ask(next, ...others, key), { signal })
      }
    }
    await expect(flights.do('a', ask('a', 'b', 'c'))).rejects.toMatchObject(reentrant)
    expect(flights.size).toBe(0)
  })

  test('two runs that wait for the same third one are no circle', async () => {
    const flights = new SingleFlight<string, string>()
    const leaf = deferred()
    const ask = (key: string, fn: (signal: AbortSignal) => Promise<string>) => (signal: AbortSignal) =>
      flights.do(key, fn, { signal })
    const root = flights.do('root', async (signal) => {
      const answers = await Promise.all([
        ask(
          'left',
          ask('leaf', () => leaf.promise),
        )(signal),
        ask(
          'right',
          ask('leaf', () => leaf.promise),
        )(signal),
      ])
      return answers.join()
    })
    leaf.resolve('630')
    expect(await root).toBe('630,630')
  })

  test('a run that has forgotten its key may ask for it again', async () => {
    const flights = new SingleFlight<string, string>()
    const run = flights.do('Tom', (signal) => {
      flights.forget('Tom')
      return flights.do('Tom', () => 'inner', { signal })
    })
    expect(await run).toBe('inner')
  })

  test('a key that has no text of its own still gets the error', async () => {
    const flights = new SingleFlight<unknown, string>()
    for (const key of [Object.create(null), Symbol('Tom'), () => 'Tom']) {
      await expect(flights.do(key, () => flights.do(key, () => 'inner'))).rejects.toMatchObject(reentrant)
    }
  })
})
