import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { text } from './codec.ts'
import { NotFoundError } from './errors.ts'
import { Group } from './group.ts'
import type { GroupOptions } from './options.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** A group over an origin that counts its versions, on a clock of the test's. */
function versions(options: Partial<GroupOptions<string>> = {}) {
  const world = {
    time: 0,
    version: 1,
    /** What a load does before it brings its version. */
    load: async () => {},
    loads: 0,
  }
  const group = new Group<string>({
    name: 'g',
    maxBytes: 2 ** 20,
    codec: text(),
    ttlMs: 100,
    now: () => world.time,
    async getter() {
      world.loads++
      const version = `v${world.version}`
      await world.load()
      return version
    },
    ...options,
  })
  return { world, group }
}

/** Lets everything run that waits for nothing but promises. */
async function quiet(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve()
}

const fail = () => Promise.reject(new Error('origin down'))

describe('ttlMs', () => {
  it('is how long a value lives', async () => {
    const { world, group } = versions()
    expect(await group.get('key')).toBe('v1')
    world.version = 2
    world.time = 99
    expect(await group.get('key')).toBe('v1')
    world.time = 100
    expect(await group.get('key')).toBe('v2')
  })

  it('is shortened by a random part, so that what was loaded together does not expire together', async () => {
    const { world, group } = versions({ ttlJitter: 0.5, ttlMs: 1000 })
    const keys = Array.from({ length: 200 }, (_, i) => `key-${i}`)
    await group.getMany(keys)
    const alive = () => keys.filter((key) => group.peek(key) !== undefined).length
    world.time = 499
    expect(alive()).toBe(200)
    world.time = 750
    expect(alive()).toBeGreaterThan(50)
    expect(alive()).toBeLessThan(150)
    world.time = 1000
    expect(alive()).toBe(0)
  })
})

describe('staleWhileRevalidateMs', () => {
  it('answers at once with what there was, and loads anew in the background, once', async () => {
    const { world, group } = versions({ staleWhileRevalidateMs: 50 })
    await group.get('key')
    world.version = 2
    world.time = 120
    expect(await Promise.all([group.get('key'), group.get('key'), group.get('key')])).toEqual([
      'v1',
      'v1',
      'v1',
    ])
    await quiet()
    expect(world.loads).toBe(2)
    expect(await group.get('key')).toBe('v2')
  })

  it('waits for the load when its time is over', async () => {
    const { world, group } = versions({ staleWhileRevalidateMs: 50 })
    await group.get('key')
    world.version = 2
    world.time = 150
    expect(await group.get('key')).toBe('v2')
  })

  it('gives an origin that has just failed a second of rest', async () => {
    const { world, group } = versions({ staleWhileRevalidateMs: 10_000 })
    await group.get('key')
    world.load = fail
    world.time = 200
    for (let i = 0; i < 5; i++) {
      expect(await group.get('key')).toBe('v1')
      await quiet()
    }
    expect(world.loads).toBe(2)
    world.time = 1200
    expect(await group.get('key')).toBe('v1')
    await quiet()
    expect(world.loads).toBe(3)
  })

  it('serves peers in the same way, as something that has no time left', async () => {
    const { world, group } = versions({ staleWhileRevalidateMs: 50 })
    await group.get('key')
    world.version = 2
    world.time = 120
    const stale = await group.local.get('g', 'key')
    expect([new TextDecoder().decode(stale.bytes), stale.ttlMs]).toEqual(['v1', 0])
    await quiet()
    expect(new TextDecoder().decode((await group.local.get('g', 'key')).bytes)).toBe('v2')
  })

  it('does not bring back what was removed while it was loaded anew', async () => {
    const { world, group } = versions({ staleWhileRevalidateMs: 50 })
    await group.get('key')
    let end: () => void = () => {}
    world.load = () => new Promise((resolve) => (end = resolve))
    world.time = 120
    await group.get('key')
    world.version = 2
    await group.remove('key')
    end()
    await quiet()
    expect(group.peek('key')).toBeUndefined()
  })

  it('is over at once when the origin says that there is no value any more', async () => {
    let absent = false
    const { world, group } = versions({
      staleWhileRevalidateMs: 50,
      getter: (key) => {
        if (absent) throw new NotFoundError('gone')
        return key
      },
    })
    await group.get('key')
    absent = true
    world.time = 120
    expect(await group.get('key')).toBe('key')
    await quiet()
    await expect(group.get('key')).rejects.toMatchObject({ code: 'not-found', message: 'gone' })
  })
})

describe('staleIfErrorMs', () => {
  it('answers with what there was when loading it anew fails, and not otherwise', async () => {
    const { world, group } = versions({ staleIfErrorMs: 5000 })
    await group.get('key')
    world.version = 2
    world.time = 200
    world.load = fail
    expect(await group.get('key')).toBe('v1')
    world.time = 1300
    world.load = async () => {}
    expect(await group.get('key')).toBe('v2')
  })

  it('ends: then the error is the answer', async () => {
    const { world, group } = versions({ staleIfErrorMs: 500 })
    await group.get('key')
    world.load = fail
    world.time = 600
    await expect(group.get('key')).rejects.toMatchObject({ code: 'load-failed' })
  })

  it('does not hide that there is no value any more', async () => {
    const { world, group } = versions({ staleIfErrorMs: 500 })
    await group.get('key')
    world.load = () => Promise.reject(new NotFoundError('gone'))
    world.time = 200
    await expect(group.get('key')).rejects.toMatchObject({ code: 'not-found' })
  })

  it('does not hide that the caller has left', async () => {
    const { world, group } = versions({ staleIfErrorMs: 500 })
    await group.get('key')
    world.load = () => new Promise(() => {})
    world.time = 200
    const caller = new AbortController()
    const get = group.get('key', { signal: caller.signal })
    caller.abort(new Error('left'))
    await expect(get).rejects.toThrow('left')
  })
})

describe('softTimeoutMs', () => {
  it('answers with what there was when the load takes longer, and lets it go on', async () => {
    const { world, group } = versions({ staleIfErrorMs: 500, softTimeoutMs: 30 })
    await group.get('key')
    let end: () => void = () => {}
    world.load = () => new Promise((resolve) => (end = resolve))
    world.version = 2
    world.time = 200
    const get = group.get('key')
    await vi.advanceTimersByTimeAsync(30)
    expect(await get).toBe('v1')
    end()
    await quiet()
    expect(await group.get('key')).toBe('v2')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('waits on where there is nothing to answer with', async () => {
    const { world, group } = versions({ staleIfErrorMs: 500, softTimeoutMs: 30 })
    let end: () => void = () => {}
    world.load = () => new Promise((resolve) => (end = resolve))
    const get = group.get('key')
    await vi.advanceTimersByTimeAsync(1000)
    end()
    expect(await get).toBe('v1')
  })
})

describe('softTimeoutMs, when the caller leaves with his stale answer', () => {
  it('neither aborts the load nor asks an origin that fails afterwards again at once', async () => {
    const { world, group } = versions({ staleIfErrorMs: 5000, softTimeoutMs: 30 })
    await group.get('key')
    let [end, fails]: (() => void)[] = [() => {}, () => {}]
    world.load = () =>
      new Promise((resolve, reject) => {
        end = resolve
        fails = () => reject(new Error('origin down'))
      })
    world.time = 200
    world.version = 2
    const caller = new AbortController()
    const first = group.local.get('g', 'key', { signal: caller.signal })
    await vi.advanceTimersByTimeAsync(30)
    expect(new TextDecoder().decode((await first).bytes)).toBe('v1')
    caller.abort()
    fails?.()
    await quiet()
    expect(await group.get('key')).toBe('v1')
    expect(world.loads).toBe(2)
    world.time = 1300
    const later = group.get('key')
    await vi.advanceTimersByTimeAsync(30)
    expect(await later).toBe('v1')
    end?.()
    await quiet()
    expect(await group.get('key')).toBe('v2')
    expect(world.loads).toBe(3)
  })
})

describe('loadTimeoutMs', () => {
  it('gives up on a load: callers get load-timeout, its signal aborts, and the next get starts anew', async () => {
    const signals: AbortSignal[] = []
    const ends: ((value: string) => void)[] = []
    const { group } = versions({
      loadTimeoutMs: 50,
      getter: (_, { signal }) => {
        signals.push(signal)
        return new Promise((resolve) => ends.push(resolve))
      },
    })
    const gets = Promise.allSettled([group.get('key'), group.get('key')])
    await vi.advanceTimersByTimeAsync(50)
    for (const result of await gets) {
      expect(result).toMatchObject({
        reason: {
          code: 'load-timeout',
          message: 'loading took more than 50 ms for key "key" of group "g"',
        },
      })
    }
    expect(signals[0]?.aborted).toBe(true)
    const next = group.get('key')
    ends[0]?.('late')
    await quiet()
    expect(group.peek('key')).toBeUndefined()
    ends[1]?.('in time')
    expect(await next).toBe('in time')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is a failure that a stale value makes up for', async () => {
    const { world, group } = versions({ staleIfErrorMs: 500, loadTimeoutMs: 50 })
    await group.get('key')
    world.load = () => new Promise(() => {})
    world.time = 200
    const get = group.get('key')
    await vi.advanceTimersByTimeAsync(50)
    expect(await get).toBe('v1')
  })
})

describe('notFoundTtlMs', () => {
  it('remembers that there is no value, for callers and for peers, without asking the origin', async () => {
    const getter = vi.fn((): string | undefined => undefined)
    const { world, group } = versions({ notFoundTtlMs: 50, getter })
    for (let i = 0; i < 100; i++) {
      await expect(group.get('key')).rejects.toMatchObject({ code: 'not-found' })
      await expect(group.local.get('g', 'key')).rejects.toMatchObject({ code: 'not-found' })
    }
    expect(getter).toHaveBeenCalledTimes(1)
    expect(group.peek('key')).toBeUndefined()
    world.time = 50
    await expect(group.get('key')).rejects.toMatchObject({ code: 'not-found' })
    expect(getter).toHaveBeenCalledTimes(2)
  })

  it('keeps what the getter said, and nothing of what its error holds', async () => {
    const cause = { body: new Uint8Array(2 ** 20) }
    const thrown = new NotFoundError('no such row', { cause })
    const { group } = versions({ notFoundTtlMs: 50, getter: () => Promise.reject(thrown) })
    const refusal = () => group.get('key').catch((error: unknown) => error)
    expect(await refusal()).toBe(thrown)
    expect(await refusal()).toEqual(new NotFoundError('no such row'))
    expect(await refusal()).not.toHaveProperty('cause')
  })

  it('is forgotten when the key is removed or set', async () => {
    let value: string | undefined
    const { group } = versions({ notFoundTtlMs: 50, getter: () => value })
    await expect(group.get('key')).rejects.toMatchObject({ code: 'not-found' })
    value = 'there'
    await group.remove('key')
    expect(await group.get('key')).toBe('there')
    await group.set('key', 'set')
    expect(await group.get('key')).toBe('set')
  })

  it('is 0 by default: the origin is asked each time', async () => {
    const getter = vi.fn((): string | undefined => undefined)
    const { group } = versions({ getter })
    for (let i = 0; i < 3; i++) await group.get('key').catch(() => {})
    expect(getter).toHaveBeenCalledTimes(3)
  })
})

describe('a time to live', () => {
  it.each([[1e-9], [2 ** 31], [Number.MAX_SAFE_INTEGER], [Number.POSITIVE_INFINITY]])(
    'of %d ms is what it says, with no timer',
    async (ttlMs) => {
      const { world, group } = versions({ ttlMs })
      await group.get('key')
      world.time = Math.min(ttlMs / 2, Number.MAX_VALUE)
      expect(group.peek('key')).toBe('v1')
      expect(vi.getTimerCount()).toBe(0)
    },
  )
})
