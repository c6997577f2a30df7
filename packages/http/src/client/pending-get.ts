import type { PeerAnswer, PeerRequest, PeerValue } from '@geecache/core'
import type { Deadlines, Mortal } from './deadlines.ts'
import type { PeerLink } from './peer-link.ts'

/** A request that a get travels in, alone or among others. */
export interface Carrier {
  /** `get` does not wait any more. */
  leave(get: PendingGet): void
}

/** What is asked, and who is told. */
export interface GetParts {
  readonly group: string
  readonly key: string
  readonly answer: PeerAnswer
  readonly request: PeerRequest | undefined
}

/** One caller who waits for the value of one key: he has his answer, his deadline and his signal for himself. */
export class PendingGet implements Mortal, PeerAnswer {
  readonly group: string
  readonly key: string
  readonly onlyIfCached: boolean
  /** The request it travels in, as soon as there is one. */
  carrier: Carrier | undefined
  deadlineMs = 0
  earlier: Mortal | undefined
  later: Mortal | undefined
  readonly #link: PeerLink
  readonly #answer: PeerAnswer
  readonly #signal: AbortSignal | undefined
  #settled = false

  constructor(link: PeerLink, { group, key, answer, request }: GetParts) {
    this.#link = link
    this.group = group
    this.key = key
    this.onlyIfCached = request?.onlyIfCached === true
    this.#answer = answer
    this.#signal = request?.signal
    this.deadlines.add(this)
    this.#signal?.addEventListener('abort', this)
  }

  get isSettled(): boolean {
    return this.#settled
  }

  get deadlines(): Deadlines {
    return this.onlyIfCached ? this.#link.handoverDeadlines : this.#link.deadlines
  }

  succeed(value: PeerValue): void {
    if (this.#settle()) this.#answer.succeed(value)
  }

  fail(error: unknown): void {
    if (this.#settle()) this.#answer.fail(error)
  }

  /** The deadline has passed. */
  expire(): void {
    const askedAt = this.deadlineMs - this.deadlines.timeoutMs
    this.#abandon(() => this.#link.late(this.deadlines, askedAt))
  }

  /** The caller has left: called by his signal. */
  handleEvent(): void {
    this.#abandon(() => this.#signal?.reason)
  }

  #abandon(reason: () => unknown): void {
    if (!this.#settle()) return
    this.carrier?.leave(this)
    this.#answer.fail(reason())
  }

  #settle(): boolean {
    if (this.#settled) return false
    this.#settled = true
    this.deadlines.delete(this)
    this.#signal?.removeEventListener('abort', this)
    return true
  }
}
