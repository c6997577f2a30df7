import type { PeerGetter, PeerValue } from '@geecache/core'
import type { Dialect } from '../dialects/dialect.ts'
import { framesType } from '../wire/ask.ts'
import { refusalFrame, valueHead, writeValueHead } from '../wire/frames.ts'
import { bodyReply, type Reply, refusalOf, valueTooLarge, type Write } from './reply.ts'

// A longer value is written as it is; shorter ones are copied into one piece with their neighbours.
const copiedBytes = 16 * 2 ** 10

interface BatchContext {
  readonly dialect: Dialect
  /** Headers that say what the answer is to. */
  readonly echo: string[]
  readonly signal: AbortSignal
  readonly maxValueBytes: number
}

type Answer = { readonly index: number; readonly value?: PeerValue; readonly error?: unknown }

/**
 * Answers many keys in frames, each as soon as it is ready. What is ready within the tick makes up the head of the
 * answer, and all of it if nothing has to be waited for.
 */
export function batchReply(
  local: PeerGetter,
  group: string,
  keys: readonly string[],
  { dialect, echo, signal, maxValueBytes }: BatchContext,
): Promise<Reply> {
  return new Promise((resolve) => {
    let ready: Answer[] = []
    let left = keys.length
    let wake: (() => void) | undefined
    let scheduled = false
    const take = () => {
      const frames = framesOf(ready, dialect, maxValueBytes)
      ready = []
      return frames
    }
    const rest = async (write: Write) => {
      for (;;) {
        for (const chunk of take()) await write(chunk)
        if (signal.aborted || (left === 0 && ready.length === 0)) return
        if (ready.length > 0) continue
        await new Promise<void>((done) => {
          wake = done
        })
      }
    }
    // The first time it makes the reply, later it wakes the rest of it.
    let flush = () => {
      flush = () => wake?.()
      resolve(bodyReply(framesType, echo, take(), left === 0 ? undefined : rest))
    }
    const add = (answer: Answer) => {
      ready.push(answer)
      left--
      if (scheduled) return
      scheduled = true
      process.nextTick(() => {
        scheduled = false
        flush()
      })
    }
    signal.addEventListener('abort', () => wake?.(), { once: true })
    for (const [index, key] of keys.entries()) {
      local.get(group, key, { signal }).then(
        (value) => add({ index, value }),
        (error) => add({ index, error }),
      )
    }
  })
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
      writeValueHead(head, 0, index, value)
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
  let at = 0
  for (const { index, value } of answers as readonly { index: number; value: PeerValue }[]) {
    writeValueHead(piece, at, index, value)
    piece.set(value.bytes, at + valueHead)
    at += valueHead + value.bytes.length
  }
  return piece
}
