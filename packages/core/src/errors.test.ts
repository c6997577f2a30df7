import { describe, expect, it } from 'vitest'
import { GeeCacheError, isGeeCacheError, isOriginError, NotFoundError } from './errors.ts'

describe('isGeeCacheError', () => {
  it('knows its own errors, by code if one is given', () => {
    const error = new GeeCacheError('closed', 'group "scores" is closed')
    expect(isGeeCacheError(error)).toBe(true)
    expect(isGeeCacheError(error, 'closed')).toBe(true)
    expect(isGeeCacheError(error, 'not-found')).toBe(false)
  })

  it('knows the errors of another copy of this package', () => {
    const foreign = Object.assign(new Error('gone'), {
      code: 'closed',
      [Symbol.for('@geecache/core/error')]: true,
    })
    expect(isGeeCacheError(foreign, 'closed')).toBe(true)
  })

  it.each([new Error('x'), Object.assign(new Error('x'), { code: 'closed' }), 'closed', null, undefined, 5])(
    'takes %s for none of them',
    (error) => {
      expect(isGeeCacheError(error)).toBe(false)
    },
  )
})

describe('GeeCacheError', () => {
  it('keeps what was thrown underneath', () => {
    const cause = new Error('connection refused')
    expect(new GeeCacheError('load-failed', 'the getter failed', { cause }).cause).toBe(cause)
  })

  it('is NotFoundError for a key without a value', () => {
    const error = new NotFoundError('kkk not exist')
    expect(error).toBeInstanceOf(GeeCacheError)
    expect([error.name, error.code, error.message]).toEqual(['NotFoundError', 'not-found', 'kkk not exist'])
  })
})

describe('isOriginError', () => {
  it('holds for what the origin said, and for nothing that a peer or the network did', () => {
    const final = (
      code: 'not-found' | 'load-failed' | 'codec-failed' | 'peer-failed' | 'closed' | 'group-unknown',
    ) => isOriginError(new GeeCacheError(code, ''))
    expect([final('not-found'), final('load-failed'), final('codec-failed')]).toEqual([true, true, true])
    expect([final('peer-failed'), final('closed'), final('group-unknown')]).toEqual([false, false, false])
    expect(isOriginError(new Error('socket hang up'))).toBe(false)
  })
})
