import * as crypto from 'node:crypto'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { SecretCheck } from './secret.ts'

vi.mock('node:crypto', { spy: true })
beforeEach(() => vi.clearAllMocks())

const old = 'an-old-secret-of-ours'
const fresh = 'a-new-secret-of-ours!'

describe('SecretCheck', () => {
  it('lets everybody in where there is no secret', () => {
    const check = new SecretCheck([])
    expect([check.admits(undefined), check.admits('Bearer x')]).toEqual([true, true])
  })

  it('lets in who knows one of the secrets', () => {
    const check = new SecretCheck([fresh, old])
    for (const secret of [fresh, old]) {
      expect(check.admits(`Bearer ${secret}`)).toBe(true)
      expect(check.admits(`bearer ${secret}`)).toBe(true)
    }
  })

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    `Bearer ${fresh.slice(0, -1)}`,
    `Bearer ${fresh}x`,
    `Bearer ${fresh.toUpperCase()}`,
    `Bearer  ${fresh}`,
    `Basic ${fresh}`,
    `Bearer ${fresh},${old}`,
    `Bearer ${'x'.repeat(10_000)}`,
    'Bearer \0',
  ])('keeps %j out (B7)', (authorization) => {
    expect(new SecretCheck([fresh, old]).admits(authorization)).toBe(false)
  })

  // `===` would end at the first letter that differs, and timingSafeEqual throws for another length.
  it.each([`Bearer ${fresh}`, `Bearer ${old}`, 'Bearer x', undefined])(
    'compares %j with every secret, in constant time (B7)',
    (authorization) => {
      const check = new SecretCheck([fresh, old])
      check.admits(authorization)
      expect(crypto.timingSafeEqual).toHaveBeenCalledTimes(2)
      for (const [one, other] of vi.mocked(crypto.timingSafeEqual).mock.calls) {
        expect([one.byteLength, other.byteLength]).toEqual([32, 32])
      }
    },
  )
})
