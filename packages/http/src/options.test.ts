import { isGeeCacheError } from '@geecache/core'
import { describe, expect, it } from 'vitest'
import { type HTTPPoolOptions, resolveOptions } from './options.ts'

describe('resolveOptions', () => {
  it('fills in the defaults', () => {
    expect(resolveOptions({})).toEqual({
      basePath: '/_geecache/',
      ring: undefined,
      timeoutMs: 1000,
      insecure: false,
      maxValueBytes: 64 * 2 ** 20,
    })
  })

  it.each(['/', '/_groupcache/', '/a/b/'])('takes the base path %s', (basePath) => {
    expect(resolveOptions({ basePath }).basePath).toBe(basePath)
  })

  it.each<[object, string]>([
    [{ basePath: '' }, 'basePath must be a path that begins and ends with a slash, got ""'],
    [{ basePath: '/cache' }, 'basePath must be a path that begins and ends with a slash, got "/cache"'],
    [{ basePath: '/a b/' }, 'basePath must be a path that begins and ends with a slash, got "/a b/"'],
    [{ timeoutMs: 0 }, 'timeoutMs must be a number above 0 and up to 2147483647, got 0'],
    [{ timeoutMs: 2 ** 31 }, 'timeoutMs must be a number above 0 and up to 2147483647, got 2147483648'],
    [{ timeoutMs: '1s' }, 'timeoutMs must be a number above 0 and up to 2147483647, got "1s"'],
    [
      { limits: { maxValueBytes: -1 } },
      'limits.maxValueBytes must be a number above 0 and up to 2 ** 32, got -1',
    ],
    [{ insecure: 'yes' }, 'insecure must be true or false, got "yes"'],
  ])('refuses %j', (options, message) => {
    try {
      resolveOptions(options as HTTPPoolOptions)
      expect.unreachable()
    } catch (error) {
      expect(isGeeCacheError(error, 'invalid-option')).toBe(true)
      expect((error as Error).message).toBe(message)
    }
  })
})
