import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import vectors from '../../test/vectors/protobuf.json' with { type: 'json' }
import { decodeGetResponse, decodeSetRequest, encodeGetResponse, encodeSetRequest } from './messages.ts'

const hello = { bytes: Buffer.from('hello') }
const date = 1_700_000_000_000

beforeEach(() => {
  vi.useFakeTimers({ now: date - 5000 })
})
afterEach(() => {
  vi.useRealTimers()
})

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'hex')
}

function plain({ bytes, ...life }: { readonly bytes: Uint8Array }) {
  return { text: Buffer.from(bytes).toString(), ...life }
}

describe('a GetResponse', () => {
  it('is written as golang/groupcache writes it', () => {
    expect(hex(encodeGetResponse(hello, { withExpiry: false }))).toBe(vectors.hello)
    expect(hex(encodeGetResponse({ bytes: new Uint8Array() }, { withExpiry: false }))).toBe(vectors.empty)
    const busy = encodeGetResponse({ ...hello, qps: 2.5 / 60 }, { withExpiry: false })
    expect(hex(busy)).toBe(vectors['helloWithMinuteQps2.5'])
    expect(hex(encodeGetResponse({ ...hello, ttlMs: 5000 }, { withExpiry: false }))).toBe(vectors.hello)
  })

  it('is written as mailgun/groupcache writes it, with the date on which the value expires', () => {
    const expiring = encodeGetResponse({ ...hello, ttlMs: 5000 }, { withExpiry: true })
    expect(hex(expiring)).toBe(vectors.helloUntil1700000000000Ms)
    expect(hex(encodeGetResponse(hello, { withExpiry: true }))).toBe(vectors.helloThatDoesNotExpire)
    const endless = encodeGetResponse({ ...hello, ttlMs: Number.POSITIVE_INFINITY }, { withExpiry: true })
    expect(hex(endless)).toBe(vectors.helloThatDoesNotExpire)
    // A date that has no room in it.
    const distant = encodeGetResponse({ ...hello, ttlMs: Number.MAX_SAFE_INTEGER }, { withExpiry: true })
    expect(hex(distant)).toBe(vectors.helloThatDoesNotExpire)
  })

  it('is read as they write it', () => {
    expect(plain(decodeGetResponse(bytesOf(vectors.hello)))).toEqual({ text: 'hello' })
    expect(plain(decodeGetResponse(bytesOf(vectors.empty)))).toEqual({ text: '' })
    expect(plain(decodeGetResponse(new Uint8Array()))).toEqual({ text: '' })
    expect(decodeGetResponse(bytesOf(vectors['helloWithMinuteQps2.5'])).qps).toBe(2.5 / 60)
    expect(plain(decodeGetResponse(bytesOf(vectors.helloThatDoesNotExpire)))).toEqual({ text: 'hello' })
    const expiring = bytesOf(vectors.helloUntil1700000000000Ms)
    expect(plain(decodeGetResponse(expiring))).toEqual({ text: 'hello', ttlMs: 5000 })
    vi.setSystemTime(date + 1)
    expect(decodeGetResponse(expiring).ttlMs).toBe(0)
  })

  it('comes back as it was', () => {
    const ttlMs = fc.option(fc.integer({ min: 0, max: 2 ** 40 }), { nil: undefined })
    const bytes = fc.uint8Array({ maxLength: 100 })
    fc.assert(
      fc.property(bytes, ttlMs, fc.double({ min: 0.001, max: 1e9, noNaN: true }), (value, ttl, qps) => {
        const life = ttl === undefined ? {} : { ttlMs: ttl }
        const found = decodeGetResponse(
          encodeGetResponse({ bytes: value, qps, ...life }, { withExpiry: true }),
        )
        expect(hex(found.bytes)).toBe(hex(value))
        expect(found.ttlMs).toBe(ttl)
        expect(found.qps).toBeCloseTo(qps, 3)
      }),
    )
  })

  it('may hold fields that are not known, or of another type, and the same one twice', () => {
    const message = new BinaryWriter()
      .tag(9, WireType.LengthDelimited)
      .string('new')
      .tag(2, WireType.Varint)
      .int64(7n)
      .tag(1, WireType.LengthDelimited)
      .string('old')
      .tag(1, WireType.LengthDelimited)
      .string('hello')
    expect(plain(decodeGetResponse(message.finish()))).toEqual({ text: 'hello' })
  })

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('has no rate of %d', (rate) => {
    const message = new BinaryWriter().tag(2, WireType.Bit64).double(rate)
    expect(plain(decodeGetResponse(message.finish()))).toEqual({ text: '' })
  })

  it.each([
    '0a',
    '0a05',
    '0a0568656c6c',
    '0a85808080',
    '11000000',
    '18',
    '188080',
    '07',
    '00',
    'ffffffffffffffffff',
  ])('is not %s', (text) => {
    expect(() => decodeGetResponse(bytesOf(text))).toThrow()
  })

  it('is read or refused, whatever the bytes are, and is no larger than they are (A6)', () => {
    const mutated = fc
      .tuple(fc.constantFrom(...Object.values(vectors).slice(1)), fc.nat(), fc.nat(255))
      .map(([text, place, byte]) => {
        const bytes = bytesOf(text)
        bytes[place % bytes.length] = byte
        return bytes
      })
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 60 }), mutated)
    fc.assert(
      fc.property(bytes, (body) => {
        for (const decode of [decodeGetResponse, decodeSetRequest]) {
          try {
            const value = decode(body)
            expect(value.bytes.length).toBeLessThanOrEqual(body.length)
            expect(value.ttlMs ?? 0).toBeGreaterThanOrEqual(0)
            expect(value.qps ?? 0).toBeGreaterThanOrEqual(0)
          } catch (error) {
            if (!(error instanceof Error) || error.name === 'AssertionError') throw error
          }
        }
      }),
      { numRuns: 5000 },
    )
  })
})

describe('a SetRequest', () => {
  it('is written as mailgun/groupcache writes it', () => {
    expect(hex(encodeSetRequest('users', 'k1', { bytes: Buffer.from('v1') }))).toBe(vectors.setUsersK1V1)
  })

  it('is read as they write it', () => {
    expect(plain(decodeSetRequest(bytesOf(vectors.setUsersK1V1)))).toEqual({ text: 'v1' })
    const expiring = encodeSetRequest('users', 'k1', { bytes: Buffer.from('v1'), ttlMs: 750 })
    expect(plain(decodeSetRequest(expiring))).toEqual({ text: 'v1', ttlMs: 750 })
  })
})
