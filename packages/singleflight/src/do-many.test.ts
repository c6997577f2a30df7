import { describe, expect, test, vi } from 'vitest'
import { deferred } from '../test/deferred.ts'
import { SingleFlight } from './index.ts'

const scores = new Map([
  ['Tom', '630'],
  ['Jack', '589'],
  ['Sam', '567'],
])
const lookUp = async (keys: string[]) => keys.map((key) => scores.get(key) ?? new Error(`${key} not exist`))
const fulfilled = (value: unknown) => ({ status: 'fulfilled', value })
const rejected = (reason: unknown) => ({ status: 'rejected', reason })

describe('one call for the rest', () => {
  test('answers in the order asked, each key with its own outcome', async () => {
    const flights = new SingleFlight<string, string>()
    const fn = vi.fn(lookUp)
    const outcomes = await flights.doMany(['Sam', 'kkk', 'Tom'], fn)
    expect(outcomes).toEqual([fulfilled('567'), rejected(new Error('kkk not exist')), fulfilled('630')])
    expect(fn).toHaveBeenCalledTimes(1)
    expect(fn.mock.calls[0]?.[0]).toEqual(['Sam', 'kkk', 'Tom'])
    expect(flights.size).toBe(0)
  })

  test('asks for a key once, however often it is among the keys', async () => {
    const flights = new SingleFlight<string, string>()
    const fn = vi.fn(lookUp)
    const outcomes = flights.doMany(['Tom', 'Sam', 'Tom'], fn)
    expect(flights.waiters('Tom')).toBe(1)
    expect(await outcomes).toEqual(['630', '567', '630'].map(fulfilled))
    expect(fn.mock.calls[0]?.[0]).toEqual(['Tom', 'Sam'])
  })

  test('starts synchronously', () => {
    const flights = new SingleFlight<string, string>()
    const fn = vi.fn(lookUp)
    flights.doMany(['Tom', 'Sam'], fn)
    expect(fn).toHaveBeenCalledTimes(1)
    expect(flights.size).toBe(2)
  })

  test('takes any iterable', async () => {
    const flights = new SingleFlight<string, string>()
    expect(await flights.doMany(scores.keys(), lookUp)).toEqual([...scores.values()].map(fulfilled))
  })

  test('does not call the function when there is nothing to ask for', async () => {
    const flights = new SingleFlight<string, string>()
    const fn = vi.fn(lookUp)
    expect(await flights.doMany([], fn)).toEqual([])
    expect(fn).not.toHaveBeenCalled()
  })

  test('lets fn do with its keys what it likes', async () => {
    const flights = new SingleFlight<string, string>()
    const fn = async (keys: string[]) => keys.splice(0).map((key) => scores.get(key) ?? '')
    expect(await flights.doMany(['Tom', 'Sam'], fn)).toEqual(['630', '567'].map(fulfilled))
  })

  test('values that are false are values', async () => {
    const flights = new SingleFlight<number, unknown>()
    const oddities = [undefined, null, false, 0, '']
    expect(await flights.doMany(oddities.keys(), async () => oddities)).toEqual(oddities.map(fulfilled))
  })
})

describe('sharing', () => {
  test('joins what is in flight', async () => {
    const flights = new SingleFlight<string, string>()
    const work = deferred()
    const single = flights.do('Tom', () => work.promise)
    const fn = vi.fn(lookUp)
    const many = flights.doMany(['Tom', 'Sam'], fn)
    expect(fn.mock.calls[0]?.[0]).toEqual(['Sam'])
    work.resolve('from the single run')
    expect(await many).toEqual([fulfilled('from the single run'), fulfilled('567')])
    expect(await single).toBe('from the single run')
  })

  test('a caller of do joins a key of a batch, and gets the outcome of that key alone', async () => {
    const flights = new SingleFlight<string, string>()
    const many = flights.doMany(['Tom', 'kkk'], lookUp)
    const fn = vi.fn(() => 'other')
    const tom = flights.doShared('Tom', fn)
    const kkk = flights.do('kkk', fn)
    expect(await tom).toEqual({ value: '630', shared: true })
    await expect(kkk).rejects.toThrow('kkk not exist')
    expect(await many).toHaveLength(2)
    expect(fn).not.toHaveBeenCalled()
  })

  test('two batches ask for no key twice', async () => {
    const flights = new SingleFlight<string, string>()
    const fn = vi.fn(lookUp)
    const both = Promise.all([flights.doMany(['Tom', 'Jack'], fn), flights.doMany(['Jack', 'Sam'], fn)])
    expect(await both).toEqual([['630', '589'].map(fulfilled), ['589', '567'].map(fulfilled)])
    expect(fn.mock.calls.map(([keys]) => keys)).toEqual([['Tom', 'Jack'], ['Sam']])
  })

  test('a key of a batch that was forgotten leaves its successor alone', async () => {
    const flights = new SingleFlight<string, string>()
    const many = flights.doMany(['Tom', 'Sam'], lookUp)
    flights.forget('Tom')
    const work = deferred()
    const fresh = flights.do('Tom', () => work.promise)
    expect(await many).toEqual([fulfilled('630'), fulfilled('567')])
    expect(flights.has('Tom')).toBe(true)
    work.resolve('new')
    expect(await fresh).toBe('new')
  })
})

describe('a batch function that fails', () => {
  test.each([new Error('down'), undefined, null])(
    'rejects every key of the batch, and no other, with %s',
    async (reason) => {
      const flights = new SingleFlight<string, string>()
      const single = flights.do('Jack', () => '589')
      for (const fn of [() => Promise.reject(reason), () => throwIt(reason)]) {
        expect(await flights.doMany(['Tom', 'Jack', 'Sam'], fn)).toEqual([
          rejected(reason),
          fulfilled('589'),
          rejected(reason),
        ])
        flights.do('Jack', () => '589')
      }
      expect(await single).toBe('589')
    },
  )

  test.each([
    [['630'], 'got 1'],
    [['630', '567', '589'], 'got 3'],
    [undefined, 'got undefined'],
    ['ab', 'got ab'],
    [null, 'got null'],
    [{ length: 2 }, 'got [object Object]'],
  ])('rejects every key when it answers %j for two keys', async (answer, received) => {
    const flights = new SingleFlight<string, string>()
    const fn = async () => answer as string[]
    const outcomes = await flights.doMany(['Tom', 'Sam'], fn)
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(TypeError) })
      expect(String('reason' in outcome && outcome.reason)).toContain(received)
    }
    expect(flights.size).toBe(0)
  })
})

describe('a caller who leaves', () => {
  /** A batch for Tom and Sam that waits. */
  function start(flights: SingleFlight<string, string>, signal?: AbortSignal) {
    const work = deferred<string[]>()
    let workSignal!: AbortSignal
    const call = flights.doMany(
      ['Tom', 'Sam'],
      (_, given) => {
        workSignal = given
        return work.promise
      },
      { signal },
    )
    return { call, work, workSignal }
  }

  test('is rejected with the reason of his signal, and the work is abandoned', async () => {
    const flights = new SingleFlight<string, string>()
    const leaver = new AbortController()
    const { call, workSignal } = start(flights, leaver.signal)
    leaver.abort('closed the tab')
    expect(workSignal.aborted).toBe(true)
    expect(workSignal.reason).toBe('closed the tab')
    expect(flights.size).toBe(0)
    await expect(call).rejects.toBe('closed the tab')
  })

  test('leaves the work alone while one key of the batch has another caller', async () => {
    const flights = new SingleFlight<string, string>()
    const leaver = new AbortController()
    const last = new AbortController()
    const { call, workSignal } = start(flights, leaver.signal)
    const sam = flights.do('Sam', () => 'other', { signal: last.signal })
    leaver.abort()
    await expect(call).rejects.toBe(leaver.signal.reason)
    expect([flights.has('Tom'), flights.has('Sam')]).toEqual([false, true])
    expect(workSignal.aborted).toBe(false)
    last.abort()
    expect(workSignal.aborted).toBe(true)
    await expect(sam).rejects.toBe(last.signal.reason)
  })

  test('does not keep others from the outcome', async () => {
    const flights = new SingleFlight<string, string>()
    const leaver = new AbortController()
    const { call, work } = start(flights, leaver.signal)
    const sam = flights.do('Sam', () => 'other')
    leaver.abort()
    work.resolve(['630', '567'])
    expect(await sam).toBe('567')
    await expect(call).rejects.toBe(leaver.signal.reason)
  })

  test('does not touch a batch that somebody else started', async () => {
    const flights = new SingleFlight<string, string>()
    const leaver = new AbortController()
    const { call, work, workSignal } = start(flights, new AbortController().signal)
    const joined = flights.doMany(['Sam', 'Tom'], lookUp, { signal: leaver.signal })
    leaver.abort()
    await expect(joined).rejects.toBe(leaver.signal.reason)
    expect(workSignal.aborted).toBe(false)
    work.resolve(['630', '567'])
    expect(await call).toEqual(['630', '567'].map(fulfilled))
  })

  test('who calls with a signal that has aborted starts nothing', async () => {
    const flights = new SingleFlight<string, string>()
    const fn = vi.fn(lookUp)
    await expect(flights.doMany(['Tom'], fn, { signal: AbortSignal.abort('gone') })).rejects.toBe('gone')
    expect(fn).not.toHaveBeenCalled()
    expect(flights.size).toBe(0)
  })
})

describe('re-entrancy', () => {
  const reentrant = rejected(expect.objectContaining({ code: 'reentrant' }))

  test('a batch that asks for one of its own keys gets an error for that key alone', async () => {
    const flights = new SingleFlight<string, string>()
    let inner: unknown
    let single: unknown
    await flights.doMany(['Tom', 'Sam'], async (keys) => {
      inner = flights.doMany(['Tom', 'Jack'], lookUp)
      single = flights.do('Sam', () => 'other').catch((error) => error)
      return lookUp(keys)
    })
    expect(await inner).toEqual([reentrant, fulfilled('589')])
    expect(await single).toMatchObject({ code: 'reentrant' })
  })

  test('so does one that asks later, if it passes its signal on', async () => {
    const flights = new SingleFlight<string, string>()
    let inner: unknown
    await flights.doMany(['Tom', 'Sam'], async (keys, signal) => {
      await null
      inner = await flights.doMany(['Tom', 'Jack'], lookUp, { signal })
      return lookUp(keys)
    })
    expect(inner).toEqual([reentrant, fulfilled('589')])
  })
})

function throwIt(reason: unknown): never {
  throw reason
}
