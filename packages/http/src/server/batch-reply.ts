import type { PeerAnswer, PeerGetter, PeerRequest, PeerValue } from '@geecache/core'
import type { Dialect } from '../dialects/dialect.ts'
import { framesType } from '../wire/ask.ts'
import { refusalFrame, valueHead, viewOf, writeValueHead } from '../wire/frames.ts'
import { bodyReply, type Reply, refusalOf, valueTooLarge, type Write } from './reply.ts'
import type { Soon } from './soon.ts'
import type { Wait } from './wait.ts'

// A longer value is written as it is; shorter ones are copied into one piece with their neighbours.
const copiedBytes = 16 * 2 ** 10

interface BatchContext {
  readonly dialect: Dialect
  /** Headers that say what the answer is to. */
  readonly echo: string[]
  readonly wait: Wait
  /** What the group is told of who asks. */
  readonly request: PeerRequest
  readonly maxValueBytes: number
}

/**
 * Answers many keys in frames, each as soon as it is ready. What is in memory makes up the head of the answer, and all of
 * it if nothing has to be waited for.
 */
export function batchReply(
  local: Required<PeerGetter>,
  group: string,
  keys: readonly string[],
  context: BatchContext,
): Soon<Reply> {
  return new BatchReply(context, keys.length).ask(local, group, keys)
}

class BatchReply {
  readonly #context: BatchContext
  /** What has been answered and not been written yet. */
  #ready: Answer[] = []
  #left: number
  #wake: (() => void) | undefined

  constructor(context: BatchContext, keys: number) {
    this.#context = context
    this.#left = keys
  }

  ask(local: Required<PeerGetter>, group: string, keys: readonly string[]): Soon<Reply> {
    const { wait, request } = this.#context
    for (let i = 0; i < keys.length; i++) local.ask(group, keys[i] as string, new Answer(this, i), request)
    if (this.#left === 0) return this.#begin()
    // Not at once: the keys that have just been given up are about to say so.
    const giveUp = () => void setImmediate(() => this.#wake?.())
    wait.signal.addEventListener('abort', giveUp, { once: true })
    return this.#beginLater()
  }

  add(answer: Answer): void {
    this.#ready.push(answer)
    this.#left--
    if (this.#wake === undefined) return
    // Once for all that comes in this tick.
    process.nextTick(this.#wake)
    this.#wake = undefined
  }

  #begin(): Reply {
    const { echo } = this.#context
    return bodyReply(framesType, echo, this.#take(), this.#left === 0 ? undefined : this.#rest)
  }

  async #beginLater(): Promise<Reply> {
    // A tick for what is on its way already, if nothing is here yet.
    if (this.#ready.length === 0) await this.#more()
    return this.#begin()
  }

  /** Writes what is not ready at once. */
  readonly #rest = async (write: Write): Promise<void> => {
    for (;;) {
      for (const chunk of this.#take()) await write(chunk)
      if (this.#context.wait.signal.aborted || (this.#left === 0 && this.#ready.length === 0)) return
      if (this.#ready.length === 0) await this.#more()
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #take(): Uint8Array[] {
    const { dialect, maxValueBytes } = this.#context
    const frames = framesOf(this.#ready, dialect, maxValueBytes)
    this.#ready = []
    return frames
  }
}

/** What has become of one key. */
class Answer implements PeerAnswer {
  readonly index: number
  value: PeerValue | undefined
  error: unknown
  readonly #reply: BatchReply

  constructor(reply: BatchReply, index: number) {
    this.#reply = reply
    this.index = index
  }

  succeed(value: PeerValue): void {
    this.value = value
    this.#reply.add(this)
  }

  fail(error: unknown): void {
    this.error = error
    this.#reply.add(this)
  }
}

/** The frames of some answers, in few pieces. */
function framesOf(answers: readonly Answer[], dialect: Dialect, maxValueBytes: number): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let small: Answer[] = []
  let smallBytes = 0
  const flushSmall = () => {
    if (small.length > 0) pieces.push(copied(small, smallBytes))
    small = []
    smallBytes = 0
  }
  for (const answer of answers) {
    const { index, value, error } = answer
    if (value === undefined) {
      pieces.push(refusalFrame(index, refusalOf(error, dialect)))
    } else if (value.bytes.length > maxValueBytes) {
      pieces.push(refusalFrame(index, valueTooLarge))
    } else if (value.bytes.length > copiedBytes) {
      const head = Buffer.allocUnsafe(valueHead)
      writeValueHead(viewOf(head), 0, index, value)
      pieces.push(head, value.bytes)
    } else {
      small.push(answer)
      smallBytes += valueHead + value.bytes.length
    }
  }
  flushSmall()
  return pieces
}

function copied(answers: readonly Answer[], bytes: number): Uint8Array {
  const piece = Buffer.allocUnsafe(bytes)
  const view = viewOf(piece)
  let at = 0
  for (const { index, value } of answers as readonly { index: number; value: PeerValue }[]) {
    writeValueHead(view, at, index, value)
    piece.set(value.bytes, at + valueHead)
    at += valueHead + value.bytes.length
  }
  return piece
}
