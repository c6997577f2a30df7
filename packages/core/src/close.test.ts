import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { text } from './codec.ts'
import { Group } from './group.ts'
import type { GroupOptions } from './options.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A group whose getter never answers, and does not heed its signal. */
function hanging(options: Partial<GroupOptions<string>> = {}) {
  const signals: AbortSignal[] = []
  const getter = vi.fn((_key: string, { signal }: { signal: AbortSignal }) => {
    signals.push(signal)
    return new Promise<string>(() => {})
  })
  const group = new Group<string>({ name: 'scores', maxBytes: 2 ** 20, codec: text(), getter, ...options })
  return { group, getter, signals }
}

/** Whether `work` has settled by now. */
async function isDone(work: Promise<unknown>): Promise<boolean> {
  let done = false
  work.then(
    () => (done = true),
    () => (done = true),
  )
  await vi.advanceTimersByTimeAsync(0)
  return done
}

describe('close', () => {
  it('waits five seconds for a getter that hangs, then aborts it and tells its callers', async () => {
    const { group, signals } = hanging()
    const get = group.get('Tom')
    const outcome = expect(get).rejects.toMatchObject({ code: 'closed' })
    const closed = group.close()
    await vi.advanceTimersByTimeAsync(4999)
    expect([await isDone(closed), signals[0]?.aborted]).toEqual([false, false])
    await vi.advanceTimersByTimeAsync(1)
    expect([await isDone(closed), signals[0]?.aborted]).toEqual([true, true])
    await outcome
    expect(vi.getTimerCount()).toBe(0)
    expect(group.stats.localLoadErrs).toBe(0)
  })

  it('waits for no longer than a load may take', async () => {
    const { group } = hanging({ loadTimeoutMs: 100 })
    const outcome = expect(group.get('Tom')).rejects.toMatchObject({ code: 'load-timeout' })
    const closed = group.close()
    await vi.advanceTimersByTimeAsync(100)
    expect(await isDone(closed)).toBe(true)
    await outcome
    expect(vi.getTimerCount()).toBe(0)
  })

  it('waits for no load that everybody has left, nor for one in the background', async () => {
    let time = 0
    const answers = ['630']
    const { group } = hanging({
      now: () => time,
      ttlMs: 10,
      staleWhileRevalidateMs: 1000,
      getter: () => answers.pop() ?? new Promise(() => {}),
    })
    await group.get('Tom')
    time = 20
    expect(await group.get('Tom')).toBe('630')
    const caller = new AbortController()
    const get = expect(group.get('Jack', { signal: caller.signal })).rejects.toThrow('left')
    caller.abort(new Error('left'))
    await get
    expect(await isDone(group.close())).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('turns away the loads that wait for their turn, at once', async () => {
    const { group, getter } = hanging({ maxConcurrentLoads: 1 })
    const running = group.get('Tom')
    running.catch(() => {})
    const waiting = expect(group.get('Jack')).rejects.toMatchObject({ code: 'closed' })
    const closed = group.close()
    await waiting
    await vi.advanceTimersByTimeAsync(5000)
    await closed
    await expect(running).rejects.toMatchObject({ code: 'closed' })
    expect(getter).toHaveBeenCalledTimes(1)
    expect(group.stats).toMatchObject({ localLoads: 1, localLoadErrs: 0 })
  })

  it('turns away the keys of a batch that is being gathered', async () => {
    const batchGetter = vi.fn(async () => ['630'])
    const { group } = hanging({ batchGetter })
    const get = expect(group.get('Tom')).rejects.toMatchObject({ code: 'closed' })
    await group.close()
    await get
    expect(batchGetter).not.toHaveBeenCalled()
  })

  it('waits as long for a peer that does not answer, and loads nothing after that', async () => {
    let fail: (error: Error) => void = () => {}
    const peer = { name: 'b', get: () => new Promise<never>((_, reject) => (fail = reject)) }
    const { group, getter } = hanging({ peers: { pickPeer: () => peer } })
    const outcome = expect(group.get('Tom')).rejects.toMatchObject({ code: 'closed' })
    const closed = group.close()
    await vi.advanceTimersByTimeAsync(4999)
    expect(await isDone(closed)).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(await isDone(closed)).toBe(true)
    await outcome
    fail(new Error('connection reset'))
    await vi.advanceTimersByTimeAsync(0)
    expect(getter).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('lets the load end that follows a fetch which fails meanwhile, if it can', async () => {
    let fail: (error: Error) => void = () => {}
    const peer = { name: 'b', get: () => new Promise<never>((_, reject) => (fail = reject)) }
    const { group } = hanging({ peers: { pickPeer: () => peer }, getter: () => '630' })
    const get = group.get('Tom')
    const closed = group.close()
    fail(new Error('connection reset'))
    expect(await get).toBe('630')
    expect(await isDone(closed)).toBe(true)
    expect(group.cacheStats('hot').items).toBe(0)
  })

  it('may be called again, and is what `await using` does', async () => {
    const { group } = hanging({ getter: () => '630' })
    expect(group.close()).toBe(group.close())
    await group[Symbol.asyncDispose]()
    await expect(group.get('Tom')).rejects.toMatchObject({ code: 'closed' })
    await expect(group.remove('Tom')).rejects.toMatchObject({ code: 'closed' })
    await expect(group.clear()).rejects.toMatchObject({ code: 'closed' })
    expect(group.peek('Tom')).toBeUndefined()
  })
})
