import type { PeerValue } from '@geecache/core'

/**
 * The frames in which many keys are answered, in the order in which they are ready:
 *
 *   kind    1 byte   0 a value, 1 a refusal
 *   index   4 bytes  which of the keys that were asked for, from 0
 *   length  4 bytes  of the body
 *   ttl     8 bytes  milliseconds left to live, a double, Infinity for ever      (values only)
 *   qps     4 bytes  requests a second the owner has had of late, a float        (values only)
 *   body             the encoded value, or `{"code":…,"message":…}`
 *
 * Numbers are big-endian. The answer is complete when it has one frame for each key and nothing after them.
 */

const kindValue = 0
const kindRefusal = 1
const refusalHead = 9
// Of a refusal's body: several times what the longest message takes in JSON.
const longestRefusal = 16 * 2 ** 10
/** Bytes of a value's frame before its body. */
export const valueHead = 21

/** What is said of a key that has no value. */
export interface FramedRefusal {
  readonly code: string
  readonly message: string
}

/** Writes the head of a value's frame at `offset`, {@link valueHead} bytes. */
export function writeValueHead(target: DataView, offset: number, index: number, value: PeerValue): void {
  target.setUint8(offset, kindValue)
  target.setUint32(offset + 1, index)
  target.setUint32(offset + 5, value.bytes.length)
  target.setFloat64(offset + 9, value.ttlMs ?? Number.POSITIVE_INFINITY)
  target.setFloat32(offset + 17, value.qps ?? 0)
}

/** A view of the bytes of `buffer`: V8 compiles its reads and writes to single instructions, those of a Buffer not. */
export function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}

/** The whole frame of a refusal. */
export function refusalFrame(index: number, refusal: FramedRefusal): Buffer {
  const body = Buffer.from(JSON.stringify({ code: refusal.code, message: refusal.message }))
  const frame = Buffer.allocUnsafe(refusalHead + body.length)
  frame[0] = kindRefusal
  frame.writeUInt32BE(index, 1)
  frame.writeUInt32BE(body.length, 5)
  frame.set(body, refusalHead)
  return frame
}

/** Takes what a {@link FrameReader} reads. */
export interface FrameHandler {
  value(index: number, value: PeerValue): void
  refusal(index: number, refusal: FramedRefusal): void
  /** A value of `length` bytes is longer than allowed. */
  tooLong(index: number, length: number): void
}

/** An answer that is none in frames; the message says what is wrong with it. */
export class FrameError extends Error {
  override readonly name = 'FrameError'
}

/**
 * Reads frames from chunks that end anywhere. It never reserves memory for a length that was only claimed: what has
 * arrived is all that it holds, and what is too long is dropped as it arrives.
 */
export class FrameReader {
  readonly #keys: number
  readonly #maxValueBytes: number
  readonly #handler: FrameHandler
  readonly #answered: Uint8Array
  #left: number
  /** What has arrived of a frame that is not complete. */
  #parts: Buffer[] = []
  #held = 0
  /** How much of it must have arrived before there is anything to read. */
  #wanted = refusalHead
  /** How much is yet to come of a value that is too long. */
  #excess = 0

  /** For an answer to `keys` keys, of whose values those up to `maxValueBytes` are taken. */
  constructor(keys: number, maxValueBytes: number, handler: FrameHandler) {
    this.#keys = keys
    this.#left = keys
    this.#maxValueBytes = maxValueBytes
    this.#handler = handler
    this.#answered = new Uint8Array(keys)
  }

  /** How many keys have not been answered yet. */
  get left(): number {
    return this.#left
  }

  /** Whether what has arrived is whole: no frame has begun that is not complete. */
  get isBetweenFrames(): boolean {
    return this.#held === 0 && this.#excess === 0
  }

  /** Reads on. Throws {@link FrameError} for what is no frame, or answers what was not asked. */
  read(chunk: Buffer): void {
    if (this.#excess > 0) {
      const excess = this.#excess
      this.#excess = Math.max(0, excess - chunk.length)
      if (chunk.length > excess) this.read(chunk.subarray(excess))
      return
    }
    this.#parts.push(chunk)
    this.#held += chunk.length
    if (this.#held < this.#wanted) return
    const data = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts, this.#held)
    const rest = this.#readFrames(data)
    this.#parts = rest < data.length ? [data.subarray(rest)] : []
    this.#held = data.length - rest
  }

  /** The answer has ended. Throws {@link FrameError} if it lacks something. */
  end(): void {
    if (this.#held > 0) throw new FrameError(`the answer ended inside a frame, ${this.#held} bytes into it`)
    if (this.#excess > 0) throw new FrameError(`the answer ended ${this.#excess} bytes before a frame does`)
    if (this.#left > 0) throw new FrameError(`the answer ended with ${this.#left} keys unanswered`)
  }

  /** Reads the complete frames of `data`, and returns where the first incomplete one begins. */
  #readFrames(data: Buffer): number {
    const view = viewOf(data)
    let at = 0
    for (;;) {
      this.#wanted = refusalHead
      if (data.length - at < refusalHead) return at
      const kind = view.getUint8(at)
      const index = view.getUint32(at + 1)
      const length = view.getUint32(at + 5)
      this.#check(kind, index, length)
      const head = kind === kindValue ? valueHead : refusalHead
      const end = at + head + length
      if (length > this.#maxValueBytes && kind === kindValue) {
        this.#settle(index)
        this.#handler.tooLong(index, length)
        this.#excess = Math.max(0, end - data.length)
        at = Math.min(end, data.length)
        continue
      }
      this.#wanted = head + length
      if (data.length < end) return at
      this.#settle(index)
      const body = new Uint8Array(data.buffer, data.byteOffset + at + head, length)
      if (kind === kindRefusal) this.#handler.refusal(index, parseRefusal(body))
      else this.#handler.value(index, parseValue(view, at, body))
      at = end
    }
  }

  #check(kind: number, index: number, length: number): void {
    if (kind !== kindValue && kind !== kindRefusal) throw new FrameError(`there is no frame of kind ${kind}`)
    if (index >= this.#keys) throw new FrameError(`key ${index} of ${this.#keys} was answered`)
    if (this.#answered[index] === 1) throw new FrameError(`key ${index} was answered twice`)
    if (kind === kindRefusal && length > longestRefusal) {
      throw new FrameError(`key ${index} was refused with ${length} bytes, more than ${longestRefusal}`)
    }
  }

  #settle(index: number): void {
    this.#answered[index] = 1
    this.#left--
  }
}

function parseValue(view: DataView, at: number, bytes: Uint8Array): PeerValue {
  const ttlMs = view.getFloat64(at + 9)
  const qps = view.getFloat32(at + 17)
  if (!(ttlMs >= 0)) throw new FrameError(`a value was given ${ttlMs} ms to live`)
  if (!(qps >= 0 && qps < Number.POSITIVE_INFINITY))
    throw new FrameError(`a value was said to have ${qps} requests a second`)
  return { bytes, ttlMs: ttlMs === Number.POSITIVE_INFINITY ? undefined : ttlMs, qps }
}

function parseRefusal(body: Uint8Array): FramedRefusal {
  try {
    const { code, message } = JSON.parse(Buffer.from(body).toString()) as Record<string, unknown>
    if (typeof code === 'string' && typeof message === 'string') return { code, message }
  } catch {
    // Not JSON, or null.
  }
  throw new FrameError('a refusal does not say what it is')
}
