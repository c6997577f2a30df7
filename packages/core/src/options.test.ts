import { describe, expect, it } from 'vitest'
import { text } from './codec.ts'
import { isGeeCacheError } from './errors.ts'
import { type GroupOptions, resolveOptions } from './options.ts'

const right: GroupOptions<unknown> = { name: 'scores', maxBytes: 2048, getter: (key) => key }

function complaint(options: object): string {
  try {
    resolveOptions({ ...right, ...options })
    return 'none'
  } catch (error) {
    if (!isGeeCacheError(error, 'invalid-option')) throw error
    return error.message
  }
}

describe('resolveOptions', () => {
  it('fills in the defaults', () => {
    const { ttlMs, hotShare, hotTtlMs, maxKeyBytes, now } = resolveOptions(right)
    expect({ ttlMs, hotShare, hotTtlMs, maxKeyBytes }).toEqual({
      ttlMs: undefined,
      hotShare: 1 / 8,
      hotTtlMs: 10_000,
      maxKeyBytes: 1024,
    })
    expect(now()).toBeGreaterThan(0)
  })

  it('takes every option that is right', () => {
    const all = { ttlMs: 0.5, hot: { share: 1, ttlMs: 1 }, maxKeyBytes: 1, codec: text(), now: () => 0 }
    expect(complaint(all)).toBe('none')
    expect(complaint({ hot: { share: 0 }, ttlMs: 0, maxKeyBytes: 4096 })).toBe('none')
  })

  it.each([
    [undefined, 'the options of a group must be an object, got undefined'],
    [null, 'the options of a group must be an object, got null'],
    ['scores', 'the options of a group must be an object, got "scores"'],
  ])('refuses %j for options', (options, message) => {
    const resolve = () => resolveOptions(options as never)
    expect(resolve).toThrow(expect.objectContaining({ code: 'invalid-option', message }))
  })

  it('takes undefined for any option that may be left out', () => {
    const nothing: Required<Omit<GroupOptions<unknown>, 'name' | 'maxBytes' | 'getter'>> = {
      batchGetter: undefined,
      maxBatchSize: undefined,
      codec: undefined,
      ttlMs: undefined,
      ttlJitter: undefined,
      staleWhileRevalidateMs: undefined,
      staleIfErrorMs: undefined,
      notFoundTtlMs: undefined,
      softTimeoutMs: undefined,
      loadTimeoutMs: undefined,
      maxConcurrentLoads: undefined,
      maxQueuedLoads: undefined,
      hot: { share: undefined, ttlMs: undefined },
      peers: undefined,
      maxKeyBytes: undefined,
      now: undefined,
    }
    const { now: _, codec: __, ...defaults } = resolveOptions(right)
    expect(resolveOptions({ ...right, ...nothing })).toMatchObject(defaults)
    expect(complaint({ hot: undefined })).toBe('none')
  })

  it.each([
    [{ name: '' }, 'name must be a non-empty string, got ""'],
    [{ name: undefined }, 'name must be a non-empty string, got undefined'],
    [{ name: '\ud800' }, 'name must be a non-empty string, got "\\ud800"'],
    [{ maxBytes: 0 }, 'maxBytes must be a positive integer, got 0'],
    [{ maxBytes: 1.5 }, 'maxBytes must be a positive integer, got 1.5'],
    [{ maxBytes: '2048' }, 'maxBytes must be a positive integer, got "2048"'],
    [{ getter: 'Tom' }, 'getter must be a function, got "Tom"'],
    [{ codec: { encode: () => 0 } }, 'codec must be a pair of functions encode and decode, got {}'],
    [{ codec: null }, 'codec must be a pair of functions encode and decode, got null'],
    [{ ttlMs: -1 }, 'ttlMs must be a number from 0 up, got -1'],
    [{ ttlMs: Number.NaN }, 'ttlMs must be a number from 0 up, got NaN'],
    [{ ttlMs: '5' }, 'ttlMs must be a number from 0 up, got "5"'],
    [{ hot: null }, 'hot must be an object, got null'],
    [{ hot: { ttl: 5 } }, 'hot must be made of share, ttlMs, got "ttl"'],
    [
      { ttl: 5 },
      'the options of a group must be made of name, maxBytes, getter, batchGetter, maxBatchSize, codec, ttlMs, ttlJitter, staleWhileRevalidateMs, staleIfErrorMs, notFoundTtlMs, softTimeoutMs, loadTimeoutMs, maxConcurrentLoads, maxQueuedLoads, hot, peers, maxKeyBytes, now, got "ttl"',
    ],
    [{ hot: { share: 1.1 } }, 'hot.share must be a number from 0 to 1, got 1.1'],
    [{ hot: { ttlMs: 0.5 } }, 'hot.ttlMs must be a number from 1 up, got 0.5'],
    [{ hot: { ttlMs: Number.NaN } }, 'hot.ttlMs must be a number from 1 up, got NaN'],
    [{ maxKeyBytes: 4097 }, 'maxKeyBytes must be at most 4096, got 4097'],
    [{ maxKeyBytes: 0 }, 'maxKeyBytes must be a positive integer, got 0'],
    [{ now: 5 }, 'now must be a function, got 5'],
  ])('refuses %j and says what it received', (options, message) => {
    expect(complaint(options)).toBe(message)
  })
})
