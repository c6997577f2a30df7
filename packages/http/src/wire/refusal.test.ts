import { GeeCacheError, type GeeCacheErrorCode, NotFoundError } from '@geecache/core'
import { describe, expect, it } from 'vitest'
import { usualStatus } from '../dialects/dialect.ts'
import { fromRefusal, longestMessage, toRefusal } from './refusal.ts'

const peer = 'http://10.0.0.1:8001'

describe('an error that crosses the network', () => {
  it.each<[GeeCacheErrorCode, number]>([
    ['not-found', 404],
    ['load-failed', 500],
    ['codec-failed', 500],
  ])('keeps its code %s and its message, for it is the origin’s word', (code, status) => {
    const refusal = toRefusal(new GeeCacheError(code, 'kkk not exist'), usualStatus(code))
    expect(refusal.status).toBe(status)
    expect(fromRefusal(peer, refusal)).toMatchObject({ code, message: 'kkk not exist' })
  })

  it('is a NotFoundError again on the other side', () => {
    expect(fromRefusal(peer, toRefusal(new NotFoundError('kkk not exist'), 404))).toBeInstanceOf(
      NotFoundError,
    )
  })

  it.each<[GeeCacheErrorCode, number]>([
    ['group-unknown', 404],
    ['invalid-key', 400],
    ['closed', 503],
    ['peer-failed', 500],
  ])('means that the peer failed if it is %s', (code, status) => {
    const refusal = toRefusal(new GeeCacheError(code, 'no'), usualStatus(code))
    expect(refusal.status).toBe(status)
    expect(fromRefusal(peer, refusal)).toMatchObject({
      code: 'peer-failed',
      message: `peer http://10.0.0.1:8001 answered ${status} ${code}: no`,
    })
  })

  it.each([404, 500, 503])('means that the peer failed if something else answered %i', (status) => {
    expect(fromRefusal(peer, { status, code: '', message: '' })).toMatchObject({
      code: 'peer-failed',
      message: `peer http://10.0.0.1:8001 answered ${status}`,
    })
  })

  it('carries only so much text', () => {
    expect(toRefusal(new GeeCacheError('load-failed', 'x'.repeat(10_000)), 500).message.length).toBe(
      longestMessage,
    )
  })
})
