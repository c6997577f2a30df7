import type { PeerRequest } from '@geecache/core'
import { timeoutHeader } from '../wire/headers.ts'
import type { Call, Sent } from './connections.ts'
import type { Deadlines, Mortal } from './deadlines.ts'
import type { PeerLink } from './peer-link.ts'
import { type Answer, TooLongError, WholeAnswer } from './whole-answer.ts'

/** Sends a request that is no get, and reads the whole answer, whatever it says, within the deadline. */
export function inquire(link: PeerLink, call: Call, request: PeerRequest | undefined): Promise<Answer> {
  if (request?.signal?.aborted) return Promise.reject(request.signal.reason)
  return new Inquiry(link, call, request).promise
}

/** A caller who waits for such an answer: he has his deadline and his signal for himself. */
class Inquiry implements Mortal {
  readonly promise: Promise<Answer>
  deadlineMs = 0
  earlier: Mortal | undefined
  later: Mortal | undefined
  readonly #link: PeerLink
  readonly #deadlines: Deadlines
  readonly #signal: AbortSignal | undefined
  readonly #askedAt = performance.now()
  readonly #sent: Sent
  #resolve!: (answer: Answer) => void
  #reject!: (error: unknown) => void

  constructor(link: PeerLink, call: Call, request: PeerRequest | undefined) {
    this.#link = link
    this.#deadlines = request?.onlyIfCached ? link.handoverDeadlines : link.deadlines
    this.#signal = request?.signal
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#deadlines.add(this)
    this.#signal?.addEventListener('abort', this)
    const timeout = [timeoutHeader, String(this.#deadlines.leftMs(this))]
    const headers = [...link.headers, ...timeout, ...call.headers]
    const receiver = new WholeAnswer(link.options.maxValueBytes, (outcome) => this.#settle(outcome))
    this.#sent = link.connections.send({ ...call, headers }, receiver)
  }

  /** The deadline has passed. */
  expire(): void {
    this.#sent.leave()
    this.#leave()
    this.#reject(this.#link.late(this.#deadlines, this.#askedAt))
  }

  /** The caller has left: called by his signal. */
  handleEvent(): void {
    this.#sent.leave()
    this.#leave()
    this.#reject(this.#signal?.reason)
  }

  #settle(outcome: Answer | Error): void {
    this.#leave()
    if (outcome instanceof TooLongError) {
      this.#reject(this.#link.error(outcome.message, outcome))
    } else if (outcome instanceof Error) {
      this.#reject(this.#link.failed(`could not be asked: ${outcome.message}`, outcome))
    } else {
      this.#link.recognize(outcome.headers)
      this.#resolve(outcome)
    }
  }

  #leave(): void {
    this.#deadlines.delete(this)
    this.#signal?.removeEventListener('abort', this)
  }
}
