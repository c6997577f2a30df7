import { describe, expect, it, vi } from 'vitest'
import { Batcher } from './batcher.ts'
import { type BatchGetter, GetterFailure } from './getter.ts'
import { LoadGate } from './load-gate.ts'

const nobody = new AbortController().signal

function batcher(
  getter: BatchGetter<string>,
  maxBatchSize = 100,
  gate = new LoadGate({ maxConcurrent: Number.POSITIVE_INFINITY, maxQueued: 0 }),
) {
  return new Batcher(getter, gate, { maxBatchSize, ttlMs: 50, onCall: () => {} })
}

const upperCase: BatchGetter<string> = async (keys) => keys.map((key) => key.toUpperCase())

describe('Batcher', () => {
  it('makes one call of the loads of one turn, however deep in promises they are asked for', async () => {
    const getter = vi.fn(upperCase)
    const batch = batcher(getter)
    const deep = Promise.resolve()
      .then(() => {})
      .then(() => batch.load('c', nobody))
    const found = await Promise.all([batch.load('a', nobody), batch.load('b', nobody), deep])
    expect(found.map(({ value }) => value)).toEqual(['A', 'B', 'C'])
    expect(getter.mock.calls.map(([keys]) => keys)).toEqual([['a', 'b', 'c']])
  })

  it('calls again for what comes later', async () => {
    const getter = vi.fn(upperCase)
    const batch = batcher(getter)
    await batch.load('a', nobody)
    await batch.load('b', nobody)
    expect(getter.mock.calls.map(([keys]) => keys)).toEqual([['a'], ['b']])
  })

  it('asks for so many keys at a time', async () => {
    const getter = vi.fn(upperCase)
    const batch = batcher(getter, 2)
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((key) => batch.load(key, nobody)))
    expect(getter.mock.calls.map(([keys]) => keys)).toEqual([['a', 'b'], ['c', 'd'], ['e']])
  })

  it('gives each key its own outcome and its own time to live', async () => {
    const batch = batcher(async (_, { ttlsMs }) => {
      ttlsMs[0] = 5
      return ['A', undefined, new Error('no c')]
    })
    const results = await Promise.allSettled(['a', 'b', 'c'].map((key) => batch.load(key, nobody)))
    expect(results).toMatchObject([
      { value: { value: 'A', ttlMs: 5 } },
      { value: { value: undefined, ttlMs: 50 } },
      { reason: new GetterFailure(new Error('no c')) },
    ])
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('no')
      },
      new GetterFailure(new Error('no')),
    ],
    ['rejects', () => Promise.reject(new Error('no')), new GetterFailure(new Error('no'))],
    [
      'answers with too few',
      () => ['A'],
      new TypeError('batchGetter must return an array of 2 results, got ["A"]'),
    ],
    [
      'answers with no array',
      () => ({ a: 1 }) as never,
      new TypeError('batchGetter must return an array of 2 results, got {"a":1}'),
    ],
  ])('rejects all keys of a call that %s', async (_, getter, reason) => {
    const batch = batcher(getter as BatchGetter<string>)
    const results = await Promise.allSettled([batch.load('a', nobody), batch.load('b', nobody)])
    expect(results).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ])
  })

  it('takes no promise for a value, and hears of no rejection of one', async () => {
    const batch = batcher(((keys: string[]) => keys.map((key) => Promise.reject(new Error(key)))) as never)
    const results = await Promise.allSettled([batch.load('a', nobody), batch.load('b', nobody)])
    const reason = new TypeError('batchGetter must return values, got promises: await them all')
    expect(results).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ])
  })

  it('leaves out keys that nobody waits for any more, and makes no call for none', async () => {
    const getter = vi.fn(upperCase)
    const batch = batcher(getter)
    const leaver = new AbortController()
    const [left, stayed] = [batch.load('a', leaver.signal), batch.load('b', nobody)]
    leaver.abort(new Error('left'))
    await expect(left).rejects.toThrow('left')
    await stayed
    expect(getter.mock.calls.map(([keys]) => keys)).toEqual([['b']])
    await expect(batch.load('c', leaver.signal)).rejects.toThrow('left')
    expect(getter).toHaveBeenCalledTimes(1)
  })

  it('aborts a call when nobody waits for any of its keys', async () => {
    let inner: AbortSignal | undefined
    let called: () => void = () => {}
    const calling = new Promise<void>((resolve) => {
      called = resolve
    })
    const batch = batcher((_, { signal }) => {
      inner = signal
      called()
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    })
    const [first, second] = [new AbortController(), new AbortController()]
    const loads = Promise.allSettled([batch.load('a', first.signal), batch.load('b', second.signal)])
    await calling
    first.abort(new Error('left'))
    expect(inner?.aborted).toBe(false)
    second.abort(new Error('left'))
    expect(inner?.aborted).toBe(true)
    await loads
  })

  it('counts a call as one load at the gate', async () => {
    const getter = vi.fn(upperCase)
    const batch = batcher(getter, 2, new LoadGate({ maxConcurrent: 1, maxQueued: 10 }))
    await Promise.all(['a', 'b', 'c', 'd'].map((key) => batch.load(key, nobody)))
    expect(getter).toHaveBeenCalledTimes(2)
  })

  it('asks once for a key that is wanted twice in a turn, as after a remove', async () => {
    const getter = vi.fn(upperCase)
    const batch = batcher(getter)
    const leaver = new AbortController()
    const wanted = [batch.load('a', nobody), batch.load('a', nobody), batch.load('b', leaver.signal)]
    const twice = batch.load('b', nobody)
    leaver.abort(new Error('left'))
    expect(await Promise.allSettled(wanted)).toMatchObject([
      { value: { value: 'A' } },
      { value: { value: 'A' } },
      { reason: { message: 'left' } },
    ])
    expect((await twice).value).toBe('B')
    expect(getter.mock.calls.map(([keys]) => keys)).toEqual([['a', 'b']])
  })

  it('leaves out keys whose callers left while the call waited at the gate, and listens to nobody after', async () => {
    const ends: (() => void)[] = []
    const getter = vi.fn(
      (keys: readonly string[]) => new Promise<string[]>((resolve) => ends.push(() => resolve([...keys]))),
    )
    const batch = batcher(getter, 2, new LoadGate({ maxConcurrent: 1, maxQueued: 10 }))
    const leaver = new AbortController()
    const remove = vi.spyOn(leaver.signal, 'removeEventListener')
    const all = [
      batch.load('a', nobody),
      batch.load('b', nobody),
      batch.load('c', leaver.signal),
      batch.load('d', nobody),
    ]
    const results = Promise.allSettled(all)
    expect(getter).toHaveBeenCalledTimes(1)
    leaver.abort(new Error('left'))
    ends[0]?.()
    await vi.waitFor(() => expect(getter).toHaveBeenCalledTimes(2))
    ends[1]?.()
    expect((await results)[2]).toMatchObject({ reason: { message: 'left' } })
    expect(getter.mock.calls.map(([keys]) => keys)).toEqual([['a', 'b'], ['d']])
    await vi.waitFor(() => expect(remove).toHaveBeenCalled())
  })

  it('makes no call of what waited when it is closed', async () => {
    const getter = vi.fn(upperCase)
    const batch = batcher(getter)
    const load = batch.load('a', nobody)
    batch.close(new Error('closed'))
    await expect(load).rejects.toThrow('closed')
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(getter).not.toHaveBeenCalled()
  })

  it('gathers anew after a batch that was full', async () => {
    const getter = vi.fn(upperCase)
    const batch = batcher(getter, 2)
    const full = ['a', 'b'].map((key) => batch.load(key, nobody))
    await Promise.all([...full, batch.load('c', nobody)])
    await Promise.all(['d', 'e'].map((key) => batch.load(key, nobody)))
    expect(getter.mock.calls.map(([keys]) => keys)).toEqual([['a', 'b'], ['c'], ['d', 'e']])
  })
})
