import { goRing, mailgunRing } from '@geecache/consistenthash'
import { isGeeCacheError } from '@geecache/core'
import { describe, expect, it } from 'vitest'
import { dialects } from './dialects/index.ts'
import type { HTTPPoolOptions } from './options.ts'
import { resolveOptions } from './resolve-options.ts'

describe('resolveOptions', () => {
  it('fills in the defaults', () => {
    expect(resolveOptions({})).toEqual({
      dialect: dialects.geecache,
      basePath: '/_geecache/',
      ring: undefined,
      secrets: [],
      tls: undefined,
      insecure: false,
      timeoutMs: 1000,
      drainMs: 1000,
      batch: { maxKeys: 128, maxInFlight: 4 },
      breaker: { hardFailures: 2, softFailures: 5, minDelayMs: 200, maxDelayMs: 2000 },
      handover: { forMs: 60_000, timeoutMs: 100 },
      maxValueBytes: 64 * 2 ** 20,
      maxBodyBytes: 8 * 2 ** 20,
      maxKeys: 10_000,
      maxRequests: 10_000,
      maxConnections: 10_000,
      maxConnectionsPerPeer: 64,
      headersTimeoutMs: 5000,
      requestTimeoutMs: 30_000,
    })
  })

  it('takes a part of a group of options, switches one off, and lets undefined be the default', () => {
    const resolved = resolveOptions({
      batch: { maxKeys: 10, maxInFlight: undefined },
      breaker: false,
      handover: false,
      limits: { maxKeys: 7 },
      timeoutMs: undefined,
    })
    expect(resolved).toMatchObject({ batch: { maxKeys: 10, maxInFlight: 4 }, maxKeys: 7, timeoutMs: 1000 })
    expect(resolved).toMatchObject({ breaker: undefined, handover: undefined })
  })

  it('takes base path and ring from the dialect, unless they are given', () => {
    expect(resolveOptions({ dialect: 'groupcache' })).toMatchObject({
      basePath: '/_groupcache/',
      ring: goRing,
    })
    expect(resolveOptions({ dialect: 'mailgun' })).toMatchObject({ ring: mailgunRing })
    expect(resolveOptions({ dialect: 'mailgun', ring: goRing, basePath: '/x/' })).toMatchObject({
      ring: goRing,
      basePath: '/x/',
    })
  })

  it('takes one secret, or several, and repeats none', () => {
    expect(resolveOptions({ secret: 'a'.repeat(16) }).secrets).toEqual(['a'.repeat(16)])
    expect(resolveOptions({ secret: ['a'.repeat(16), 'b'.repeat(20)] }).secrets.length).toBe(2)
    for (const secret of ['short-secret', '', [], ['a'.repeat(16), 'short'], 'with a space in it', 16]) {
      try {
        resolveOptions({ secret } as HTTPPoolOptions)
        expect.unreachable()
      } catch (error) {
        expect((error as Error).message).toMatch(/^secret must be 16 to 1000 printable ASCII characters/)
        expect((error as Error).message).not.toContain('short')
      }
    }
  })

  it.each(['/', '/_groupcache/', '/a/b/'])('takes the base path %s', (basePath) => {
    expect(resolveOptions({ basePath }).basePath).toBe(basePath)
  })

  it('says what is wrong with a ring', () => {
    expect(() => resolveOptions({ ring: { replicas: -1 } })).toThrow(
      /^ring must be the options of a HashRing: .*-1/,
    )
  })

  it.each<[object, string]>([
    [{ basePath: '' }, 'basePath must be a path that begins and ends with a slash, got ""'],
    [{ basePath: '/cache' }, 'basePath must be a path that begins and ends with a slash, got "/cache"'],
    [{ basePath: '/a b/' }, 'basePath must be a path that begins and ends with a slash, got "/a b/"'],
    [{ timeoutMs: 0 }, 'timeoutMs must be a number of milliseconds above 0, up to 2147483647, got 0'],
    [
      { timeoutMs: 2 ** 31 },
      'timeoutMs must be a number of milliseconds above 0, up to 2147483647, got 2147483648',
    ],
    [{ timeoutMs: '1s' }, 'timeoutMs must be a number of milliseconds above 0, up to 2147483647, got "1s"'],
    [
      { limits: { maxValueBytes: -1 } },
      'limits.maxValueBytes must be a whole number above 0, up to 2 ** 32, got -1',
    ],
    [{ insecure: 'yes' }, 'insecure must be true or false, got "yes"'],
    [
      { basepath: '/x/' },
      'an option must be one of dialect, basePath, ring, secret, tls, insecure, timeoutMs, drainMs, batch, breaker, handover, limits, got "basepath"',
    ],
    [{ dialect: 'toString' }, 'dialect must be one of geecache, groupcache, mailgun, got "toString"'],
    [{ limits: false }, 'limits must be an object, got false'],
    [{ batch: true }, 'batch must be an object or false, got true'],
    [{ batch: { maxkeys: 1 } }, 'batch must be made of maxKeys, maxInFlight, got "maxkeys"'],
    [{ batch: { maxKeys: 1.5 } }, 'batch.maxKeys must be a whole number above 0, up to 2 ** 32, got 1.5'],
    [
      { handover: { forMs: Number.NaN } },
      'handover.forMs must be a number of milliseconds above 0, up to 2147483647, got NaN',
    ],
    [{ tls: { key: 'x', cert: 'y', ca: 'z' } }, 'tls.key must be a text in PEM form, got "string"'],
    [{ ring: null }, 'ring must be the options of a HashRing, got null'],
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
