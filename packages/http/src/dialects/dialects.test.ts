import { goRing, mailgunRing } from '@geecache/consistenthash'
import type { GeeCacheErrorCode } from '@geecache/core'
import { describe, expect, it } from 'vitest'
import { usualStatus } from './dialect.ts'
import { type DialectName, dialects } from './index.ts'

const { geecache, groupcache, mailgun } = dialects
const value = { bytes: Buffer.from('hello'), qps: 0.5 }

describe('the dialects', () => {
  it('are at home where their peers look for them', () => {
    expect([geecache.basePath, geecache.ring]).toEqual(['/_geecache/', undefined])
    expect([groupcache.basePath, groupcache.ring]).toEqual(['/_groupcache/', goRing])
    expect([mailgun.basePath, mailgun.ring]).toEqual(['/_groupcache/', mailgunRing])
  })

  it.each<[DialectName, string, string]>([
    ['geecache', 'application/octet-stream', '68656c6c6f'],
    ['groupcache', 'application/x-protobuf', `0a0568656c6c6f11${'0000000000003e40'}`],
    ['mailgun', 'application/x-protobuf', `0a0568656c6c6f11${'0000000000003e40'}1800`],
  ])('%s puts a value into %s', (name, type, hex) => {
    const dialect = dialects[name]
    expect(dialect.valueType).toBe(type)
    const body = Buffer.from(dialect.encodeValue(value))
    expect(body.toString('hex')).toBe(hex)
    expect(Buffer.from(dialect.decodeValue(body).bytes).toString()).toBe('hello')
  })

  it('read a plus as their clients write it', () => {
    expect([geecache, groupcache, mailgun].map(({ plusIsSpace }) => plusIsSpace)).toEqual([true, true, false])
  })

  it('take a foreign status for what it says there', () => {
    for (const dialect of [geecache, groupcache]) {
      for (const status of [400, 404, 500, 503]) expect(dialect.meaningOf(status)).toBeUndefined()
    }
    expect(mailgun.meaningOf(404)).toBe('not-found')
    expect(mailgun.meaningOf(503)).toBe('load-failed')
    for (const status of [400, 429, 500, 501, 502, 504]) expect(mailgun.meaningOf(status)).toBeUndefined()
  })

  it('can be told of changes in mailgun alone', () => {
    expect([geecache, groupcache].map(({ changes }) => changes)).toEqual([undefined, undefined])
    const body = mailgun.changes?.encodeSet('g', 'k', value) as Uint8Array
    expect(Buffer.from(mailgun.changes?.decodeSet(body).bytes as Uint8Array).toString()).toBe('hello')
  })
})

describe('the status of a refusal', () => {
  const codes: GeeCacheErrorCode[] = [
    'load-failed',
    'load-timeout',
    'codec-failed',
    'not-cached',
    'group-unknown',
    'invalid-key',
    'overloaded',
    'closed',
    'peer-failed',
  ]

  it('is one that mailgun’s clients take as it is meant: 404 and 503 are final there', () => {
    expect(mailgun.meaningOf(mailgun.statusOf('not-found'))).toBe('not-found')
    for (const code of codes) {
      const isOrigins = ['load-failed', 'load-timeout', 'codec-failed'].includes(code)
      expect([code, mailgun.meaningOf(mailgun.statusOf(code))]).toEqual([
        code,
        isOrigins ? 'load-failed' : undefined,
      ])
    }
  })

  it('is an error in every dialect', () => {
    for (const { statusOf } of Object.values(dialects)) {
      for (const code of codes) expect(statusOf(code)).toBeGreaterThanOrEqual(400)
    }
  })

  it.each(['__proto__', 'toString', 'constructor', ''])('is 500 for the code %j', (code) => {
    expect(usualStatus(code)).toBe(500)
  })
})
