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
  readonly #signal: AbortSignal | undefined
  /**
   * Undefined once it has been told. A get that has grown old lives on until the next full collection, though nobody knows
   * it any more, and what it leads to lives with it. If that were its caller, and so the value, each collection of young
   * objects would copy values that nobody waits for: see 100 kB in packages/bench.
   */
  #answer: PeerAnswer | undefined

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
    return this.#answer === undefined
  }

  get deadlines(): Deadlines {
    return this.onlyIfCached ? this.#link.handoverDeadlines : this.#link.deadlines
  }

  succeed(value: PeerValue): void {
    this.#settle()?.succeed(value)
  }

  fail(error: unknown): void {
    this.#settle()?.fail(error)
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
    const answer = this.#settle()
    if (answer === undefined) return
    this.carrier?.leave(this)
    answer.fail(reason())
  }

  /** Whom to tell how it ended; undefined if that has been told already. */
  #settle(): PeerAnswer | undefined {
    const answer = this.#answer
    if (answer === undefined) return undefined
    this.#answer = undefined
    this.deadlines.delete(this)
    this.#signal?.removeEventListener('abort', this)
    return answer
  }
}
