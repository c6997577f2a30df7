import type { IncomingHttpHeaders } from 'node:http'
import type { PeerValue } from '@geecache/core'
import { usualStatus } from '../dialects/dialect.ts'
import { askType, framesType } from '../wire/ask.ts'
import { echoOf } from '../wire/echo.ts'
import { type FramedRefusal, FrameError, FrameReader } from '../wire/frames.ts'
import { echoHeader, onlyIfCached, protocolHeader, timeoutHeader } from '../wire/headers.ts'
import { formatGroupPath } from '../wire/path.ts'
import { fromRefusal } from '../wire/refusal.ts'
import type { Receiver, Sent } from './connections.ts'
import type { Deadlines, Mortal } from './deadlines.ts'
import type { PeerLink } from './peer-link.ts'
import type { Carrier, PendingGet } from './pending-get.ts'
import { judge, judgeRefusal } from './refused.ts'
import { WholeAnswer } from './whole-answer.ts'

/** Who sent a batch, and hears what becomes of it. */
export interface BatchSender {
  /** Nothing of it is on its way: it has ended, or what it still waits for is with the origin. May be said again. */
  landed(batch: BatchGet): void
  /** The peer does not know what a batch is: these gets have to travel alone. */
  sendAlone(gets: readonly PendingGet[]): void
}

/** Carries many gets of one group, all of one kind, in a POST; each is answered as soon as its value is there. */
export class BatchGet implements Carrier, Receiver, Mortal {
  deadlineMs = 0
  earlier: Mortal | undefined
  later: Mortal | undefined
  /** Where it is besides its gets: with all of them answered, the answer still has to end. */
  readonly #deadlines: Deadlines
  readonly #link: PeerLink
  readonly #gets: readonly PendingGet[]
  readonly #sender: BatchSender
  /** Undefined while it is being sent: if that fails at once, callers may leave meanwhile. */
  readonly #sent: Sent | undefined
  #waiting: number
  /** Of an answer in frames; undefined for any other. */
  #frames: FrameReader | undefined
  /** Of an answer that refuses the whole batch. */
  #refusal: WholeAnswer | undefined
  #isRefused = false

  /** Sets out at once. */
  constructor(link: PeerLink, gets: readonly PendingGet[], sender: BatchSender) {
    this.#link = link
    this.#gets = gets
    this.#sender = sender
    this.#waiting = gets.length
    link.counters.batches++
    link.counters.batchedGets += gets.length
    const keys: string[] = []
    for (const get of gets) {
      get.carrier = this
      keys.push(get.key)
    }
    const first = gets[0] as PendingGet
    this.#deadlines = first.deadlines
    this.#deadlines.add(this)
    // The one that began last may wait longest.
    const leftMs = first.deadlines.leftMs(gets[gets.length - 1] as PendingGet)
    const path = formatGroupPath(link.options.basePath, first.group)
    const headers = [...link.headers, 'content-type', askType, timeoutHeader, String(leftMs)]
    if (first.onlyIfCached) headers.push('cache-control', onlyIfCached)
    const body = JSON.stringify(keys)
    this.#sent = link.connections.send({ method: 'POST', path, headers, body }, this)
  }

  leave(): void {
    if (--this.#waiting === 0) this.expire()
  }

  /** Nobody waits for it any more, be it that all have left, or that all are answered and its end does not come. */
  expire(): void {
    this.#deadlines.delete(this)
    this.#sent?.leave()
    this.#sender.landed(this)
  }

  start(status: number, headers: IncomingHttpHeaders): void {
    this.#link.recognize(headers)
    if (status === 200 && headers['content-type'] === framesType) {
      const first = this.#gets[0] as PendingGet
      if (headers['content-encoding'] !== undefined) throw new FrameError('the answer is encoded')
      if (headers[echoHeader] !== echoOf(first.group, first.key)) {
        throw new FrameError('the answer is for other keys')
      }
      this.#frames = new FrameReader(this.#gets.length, this.#link.options.maxValueBytes, this)
      return
    }
    this.#refusal = new WholeAnswer(0, (answer) => {
      if (answer instanceof Error) return this.fail(answer)
      this.#isRefused = true
      this.#sender.landed(this)
      if (answer.headers[protocolHeader] === undefined) this.#sendAlone()
      else this.#failAll(judgeRefusal(this.#link, answer))
    })
    if (status < 300 && this.#link.isOurs) throw new FrameError(`the answer is ${headers['content-type']}`)
    // Whatever it is, it holds no values.
    this.#refusal.start(Math.max(status, 300), headers)
  }

  data(chunk: Buffer): void {
    if (this.#frames === undefined) {
      this.#refusal?.data(chunk)
      return
    }
    this.#frames.read(chunk)
    // A peer sends at once what it has in memory. It may take long to load the rest, but that keeps nobody else waiting.
    if (this.#frames.isBetweenFrames && this.#frames.left > 0) this.#sender.landed(this)
  }

  end(): void {
    this.#deadlines.delete(this)
    if (this.#frames === undefined) return this.#refusal?.end()
    this.#frames.end()
    this.#sender.landed(this)
  }

  fail(error: Error): void {
    this.#deadlines.delete(this)
    if (this.#isRefused) return
    this.#sender.landed(this)
    const complaint =
      error instanceof FrameError ? 'answered in a way that makes no sense' : 'could not be asked'
    this.#failAll(this.#link.failed(`${complaint}: ${error.message}`, error))
  }

  /** A value has arrived. */
  value(index: number, value: PeerValue): void {
    this.#link.answered()
    this.#link.meanValueBytes += (value.bytes.length - this.#link.meanValueBytes) / 16
    this.#settle(index, (get) => get.succeed(value))
  }

  /** The word has arrived that there is no value. */
  refusal(index: number, { code, message }: FramedRefusal): void {
    const status = usualStatus(code)
    judge(this.#link, code, status)
    const error = fromRefusal(this.#link.url, { status, code, message })
    this.#settle(index, (get) => get.fail(error))
  }

  /** A value has arrived that another process may take: nothing is wrong with the peer. */
  tooLong(index: number, length: number): void {
    const { maxValueBytes } = this.#link.options
    const error = this.#link.error(`answered with ${length} bytes, more than ${maxValueBytes}`)
    this.#settle(index, (get) => get.fail(error))
  }

  #settle(index: number, settle: (get: PendingGet) => void): void {
    const get = this.#gets[index] as PendingGet
    if (get.isSettled) return
    this.#waiting--
    settle(get)
  }

  #failAll(error: Error): void {
    for (const get of this.#gets) get.fail(error)
  }

  #sendAlone(): void {
    this.#sender.sendAlone(this.#gets.filter((get) => !get.isSettled))
  }
}
