import type { PeerValue } from '@geecache/core'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { FrameError, FrameReader, refusalFrame, valueHead, viewOf, writeValueHead } from './frames.ts'
import { longestMessage } from './refusal.ts'

const maxBytes = 1000

type Answer = { readonly value: PeerValue } | { readonly code: string; readonly message: string }

function frameOf(index: number, answer: Answer): Buffer {
  if ('code' in answer) return refusalFrame(index, answer)
  const head = Buffer.alloc(valueHead)
  writeValueHead(viewOf(head), 0, index, answer.value)
  return Buffer.concat([head, answer.value.bytes])
}

/** Frames for one answer after the other, in the order in which `indexes` are ready. */
function framesOf(answers: readonly Answer[], indexes: readonly number[] = [...answers.keys()]): Buffer {
  return Buffer.concat(indexes.map((index) => frameOf(index, answers[index] as Answer)))
}

function read(chunks: readonly Buffer[], keys: number, limit = maxBytes): Map<number, Answer> {
  const found = new Map<number, Answer>()
  const reader = new FrameReader(keys, limit, {
    value: (index, { bytes, ...life }) => found.set(index, { value: { bytes: Buffer.from(bytes), ...life } }),
    refusal: (index, { code, message }) => found.set(index, { code, message }),
    tooLong: (index, length) => found.set(index, tooLong(length)),
  })
  for (const chunk of chunks) reader.read(chunk)
  reader.end()
  return found
}

function tooLong(length: number): Answer {
  return { code: 'too long', message: `${length} bytes` }
}

function split(data: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...new Set(cuts.map((cut) => cut % (data.length + 1)))].sort((a, b) => a - b)
  return [0, ...ends].map((start, i) => data.subarray(start, ends[i] ?? data.length))
}

const value = fc
  .record({
    bytes: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    qps: fc.float({ min: 0, noNaN: true, noDefaultInfinity: true }),
    ttlMs: fc.option(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), { nil: undefined }),
  })
  .map(({ bytes, qps, ttlMs }): Answer => {
    // A minus would get lost: there is no time less than none.
    const life = ttlMs === undefined ? {} : { ttlMs: Math.abs(ttlMs) }
    return { value: { bytes, qps: Math.abs(qps), ...life } }
  })
const refusal = fc.record({ code: fc.string(), message: fc.string({ unit: 'grapheme', maxLength: 50 }) })
const answers = fc.array(fc.oneof(value, refusal), { minLength: 1, maxLength: 10 })

describe('FrameReader', () => {
  it('reads what was written, in any order, cut anywhere', () => {
    const cuts = fc.array(fc.nat(10_000), { maxLength: 20 })
    const shuffled = answers.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray([...all.keys()], { minLength: all.length })),
    )
    fc.assert(
      fc.property(shuffled, cuts, ([all, order], places) => {
        const found = read(split(framesOf(all, order), places), all.length)
        expect([...found.keys()]).toEqual(order)
        for (const [index, answer] of all.entries()) expect(found.get(index)).toEqual(answer)
      }),
      { numRuns: 1000 },
    )
  })

  it('drops values that are too long, and reads all others, cut anywhere', () => {
    const cuts = fc.array(fc.nat(10_000), { maxLength: 20 })
    fc.assert(
      fc.property(answers, cuts, (all, places) => {
        const found = read(split(framesOf(all), places), all.length, 3)
        for (const [index, answer] of all.entries()) {
          const length = 'value' in answer ? answer.value.bytes.length : 0
          expect(found.get(index)).toEqual(length > 3 ? tooLong(length) : answer)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('holds nothing of a value that is too long, and is not between frames before its end', () => {
    const found: number[] = []
    const handler = { value: () => {}, refusal: () => {}, tooLong: (index: number) => found.push(index) }
    const reader = new FrameReader(1, 1000, handler)
    const frame = oneFor(0, 10_000)
    const concat = vi.spyOn(Buffer, 'concat')
    reader.read(frame.subarray(0, valueHead))
    expect([found, reader.isBetweenFrames]).toEqual([[0], false])
    for (let at = valueHead; at < frame.length; at += 1000) {
      expect(reader.isBetweenFrames).toBe(false)
      reader.read(frame.subarray(at, at + 1000))
    }
    expect(concat).not.toHaveBeenCalled()
    expect(reader.isBetweenFrames).toBe(true)
    reader.end()
  })

  it('reads byte by byte', () => {
    const all: Answer[] = [
      { value: { bytes: Buffer.from('630'), qps: 1.5, ttlMs: 1500.25 } },
      { code: 'not-found', message: 'ä' },
      { value: { bytes: Buffer.alloc(0), qps: 0 } },
    ]
    const data = framesOf(all)
    const found = read(
      Array.from(data, (byte) => Buffer.from([byte])),
      3,
    )
    expect([...found.values()]).toEqual(all)
  })

  it('is laid out as documented', () => {
    const bytes = frameOf(7, { value: { bytes: Buffer.from('hi'), qps: 2.5, ttlMs: 1000 } })
    expect(bytes.toString('hex')).toBe(`00${'00000007'}${'00000002'}${'408f400000000000'}${'40200000'}6869`)
    const ever = frameOf(0, { value: { bytes: Buffer.alloc(0) } })
    expect(ever.toString('hex')).toBe(`00${'00000000'}${'00000000'}${'7ff0000000000000'}${'00000000'}`)
    const no = frameOf(1, { code: 'a', message: 'b' })
    expect(no.toString('hex')).toBe(`01${'00000001'}${'0000001a'}${hex('{"code":"a","message":"b"}')}`)
  })

  it('takes any bytes for frames, or throws FrameError, and nothing else (A6)', () => {
    const kind = fc.integer({ min: 0, max: 2 })
    const looksLikeFrames = fc
      .array(fc.tuple(kind, fc.nat(4), fc.nat(40), fc.uint8Array({ maxLength: 60 })), { maxLength: 6 })
      .map((all) =>
        Buffer.concat(
          all.map(([first, index, length, rest]) => {
            const head = Buffer.alloc(9)
            head[0] = first
            head.writeUInt32BE(index, 1)
            head.writeUInt32BE(length, 5)
            return Buffer.concat([head, rest])
          }),
        ),
      )
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      looksLikeFrames,
    )
    fc.assert(
      fc.property(anything, fc.array(fc.nat(300), { maxLength: 5 }), (data, cuts) => {
        failsOnlyAs(FrameError, () => read(split(data, cuts), 3))
      }),
      { numRuns: 5000 },
    )
  })

  it('notices, or rightly reads, frames of which some bytes were changed (A6)', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(answers, changes, (all, some) => {
        const data = framesOf(all)
        for (const [place, byte] of some) data[place % data.length] = byte
        failsOnlyAs(FrameError, () => {
          const found = read([data], all.length)
          // What was read has exactly one answer for each key.
          expect([...found.keys()].sort((a, b) => a - b)).toEqual([...all.keys()])
        })
      }),
      { numRuns: 3000 },
    )
  })

  it('notices frames that end anywhere but at the end (A6)', () => {
    fc.assert(
      fc.property(answers, fc.nat(), (all, place) => {
        const data = framesOf(all)
        const cut = data.subarray(0, place % data.length)
        expect(() => read([cut], all.length)).toThrow(FrameError)
      }),
    )
  })

  const one = frameOf(0, { value: { bytes: Buffer.from('630') } })
  const ttl = (ttlMs: number) => frameOf(0, { value: { bytes: Buffer.alloc(0), ttlMs } })
  const qps = (qps: number) => frameOf(0, { value: { bytes: Buffer.alloc(0), qps } })
  const complaint = (body: string) => {
    const head = Buffer.from('010000000000000000', 'hex')
    head.writeUInt32BE(Buffer.byteLength(body), 5)
    return Buffer.concat([head, Buffer.from(body)])
  }
  it.each<[string, Buffer, string]>([
    ['an answer to a key that was not asked for', frameOf(2, { code: 'a', message: '' }), 'key 2 of 2'],
    ['the same answer twice', Buffer.concat([one, one]), 'key 0 was answered twice'],
    ['a kind it does not know', Buffer.from('020000000000000000', 'hex'), 'no frame of kind 2'],
    [
      'bytes after the last frame',
      Buffer.concat([one, oneFor(1), Buffer.from([0])]),
      'ended inside a frame, 1',
    ],
    ['an answer too few', one, 'ended with 1 keys unanswered'],
    ['no answer', Buffer.alloc(0), 'ended with 2 keys unanswered'],
    [
      'a claim of 4 GiB',
      Buffer.from('0000000000ffffffff', 'hex'),
      'ended 4294967307 bytes before a frame does',
    ],
    ['a claim of 4 GiB in words', Buffer.from('0100000000ffffffff', 'hex'), 'refused with 4294967295 bytes'],
    ['a negative time to live', ttl(-1), 'given -1 ms to live'],
    ['a time to live that is no number', ttl(Number.NaN), 'given NaN ms to live'],
    ['a negative rate', qps(-1), '-1 requests a second'],
    ['an infinite rate', qps(Number.POSITIVE_INFINITY), 'Infinity requests a second'],
    ['a refusal that is no JSON', complaint('{'), 'does not say what it is'],
    ['a refusal that is null', complaint('null'), 'does not say what it is'],
    ['a refusal without a code', complaint('{"message":""}'), 'does not say what it is'],
    ['a refusal without words', complaint('{"code":"a","message":1}'), 'does not say what it is'],
  ])('refuses %s (A6)', (_, data, message) => {
    expect(() => read([data], 2)).toThrow(FrameError)
    expect(() => read([data], 2)).toThrow(message)
  })

  it('does not let a refusal be longer than any peer of ours makes it', () => {
    const words = '\u0001'.repeat(longestMessage)
    const longest = refusalFrame(0, { code: 'load-failed', message: words })
    expect(read([longest], 1, 2 ** 30).get(0)).toEqual({ code: 'load-failed', message: words })
    const longer = complaint(JSON.stringify({ code: 'load-failed', message: 'x'.repeat(20_000) }))
    expect(() => read([longer], 1, 2 ** 30)).toThrow(FrameError)
  })

  it('joins a value that comes in many chunks once, not chunk by chunk', () => {
    const whole = oneFor(0, 1_000_000)
    const chunks = Array.from({ length: 1000 }, (_, i) => whole.subarray(i * 1001, (i + 1) * 1001))
    const concat = vi.spyOn(Buffer, 'concat')
    const found = read(chunks, 1, 2 ** 20)
    expect(concat.mock.calls.length).toBeLessThanOrEqual(2)
    expect(found.size).toBe(1)
  })

  it('reserves no memory for a length that was only claimed (A6)', () => {
    const claim = Buffer.from('0000000000ffffffff', 'hex')
    const before = process.memoryUsage().arrayBuffers
    const reader = new FrameReader(1, 2 ** 32 - 1, { value: () => {}, refusal: () => {}, tooLong: () => {} })
    for (const byte of Buffer.concat([claim, Buffer.alloc(100)])) reader.read(Buffer.from([byte]))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20)
    expect(reader.left).toBe(1)
    expect(() => reader.end()).toThrow('ended inside a frame, 109 bytes')
  })
})

function oneFor(index: number, length = 3): Buffer {
  return frameOf(index, { value: { bytes: Buffer.alloc(length) } })
}

function hex(text: string): string {
  return Buffer.from(text).toString('hex')
}

function failsOnlyAs(expected: typeof FrameError, run: () => void): void {
  try {
    run()
  } catch (error) {
    if (!(error instanceof expected)) throw error
  }
}
