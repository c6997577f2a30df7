import { describe, expect, it } from 'vitest'
import { bytes, type Codec, json, text } from './codec.ts'
import type { PeerValue } from './peers.ts'
import { receivedEntry, receivedValue } from './received.ts'

const now = () => 0

/** Keeps what it is given to decode. */
function spy(copies: boolean | undefined) {
  const seen: Uint8Array[] = []
  const codec: Codec<string> = {
    encode: () => new Uint8Array(),
    decode: (given) => {
      seen.push(given)
      return new TextDecoder().decode(given)
    },
    copies,
  }
  return { seen, codec }
}

/** Like Buffer, which a transport may give. */
class Sub extends Uint8Array {}

/** Three bytes in the midst of a buffer of the transport's. */
function received(): Uint8Array {
  return new Sub(new TextEncoder().encode(' Tom ')).subarray(1, 4)
}

describe('the value that a peer answers', () => {
  it('is not changed by a transport that uses its buffer again', () => {
    const buffer = received()
    const read = receivedValue('key', { bytes: buffer }, { codec: bytes(), now })
    const kept = receivedEntry('key', { bytes: buffer }, { codec: bytes(), now }, 'peer').value
    buffer.fill(0)
    expect([read.toString(), kept?.toString()]).toEqual(['Tom', 'Tom'])
  })

  it.each([true, false, undefined])(
    'reaches decode as a plain array, where the codec’s copies is %s',
    (copies) => {
      const { seen, codec } = spy(copies)
      const buffer = received()
      expect(receivedValue('key', { bytes: buffer }, { codec, now })).toBe('Tom')
      expect(Object.getPrototypeOf(seen[0])).toBe(Uint8Array.prototype)
      // Copied for whoever may keep it, and for nobody else.
      expect(seen[0]?.buffer === buffer.buffer).toBe(copies === true)
    },
  )

  it('is copied once, by decode itself, for text and JSON', () => {
    expect([text().copies, json().copies, bytes().copies]).toEqual([true, true, undefined])
  })

  it('is fresh for the time that it has left from now on, or for ever', () => {
    const freshUntilMs = (ttlMs: number | undefined) =>
      receivedEntry('key', { bytes: received(), ttlMs }, { codec: text(), now: () => 1000 }, 'peer')
        .freshUntilMs
    expect([0, 5, undefined].map(freshUntilMs)).toEqual([1000, 1005, Number.POSITIVE_INFINITY])
  })

  it.each<[string, unknown]>([
    ['its bytes are a string', { bytes: 'Tom' }],
    ['its ttlMs is negative', { bytes: received(), ttlMs: -1 }],
    ['its ttlMs is NaN', { bytes: received(), ttlMs: Number.NaN }],
    ['its ttlMs is a string', { bytes: received(), ttlMs: '5' }],
    ['its ttlMs is null', { bytes: received(), ttlMs: null }],
  ])('is refused if %s', (_, answer) => {
    const reader = { codec: text(), now }
    const refusal = expect.objectContaining({
      code: 'peer-failed',
      message: expect.stringContaining('which is no value'),
    })
    expect(() => receivedValue('key', answer as PeerValue, reader)).toThrow(refusal)
    expect(() => receivedEntry('key', answer as PeerValue, reader, 'peer')).toThrow(refusal)
  })

  it('is refused if it can’t be decoded, and why', () => {
    const answer = { bytes: new Uint8Array([0xff]) }
    const reader = { codec: text(), now }
    const refusal = expect.objectContaining({ code: 'peer-failed', cause: expect.any(TypeError) })
    expect(() => receivedValue('key', answer, reader)).toThrow(refusal)
    expect(() => receivedEntry('key', answer, reader, 'peer')).toThrow(refusal)
  })
})
