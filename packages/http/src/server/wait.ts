import { GeeCacheError, type PeerRequest } from '@geecache/core'
import { timeoutHeader } from '../wire/headers.ts'
import { parseMilliseconds } from '../wire/milliseconds.ts'
import type { Message } from './message.ts'

const longestTimer = 2 ** 31 - 1

/** How long a caller waits: until he hangs up, or the time is over that he has given us. */
export class Wait implements PeerRequest {
  readonly #message: Message
  readonly #untilMs: number
  #controller: AbortController | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #ended = false

  constructor(message: Message) {
    this.#message = message
    const timeoutMs = parseMilliseconds(message.header(timeoutHeader) ?? '') ?? Number.POSITIVE_INFINITY
    this.#untilMs = performance.now() + timeoutMs
  }

  /** Whether nobody waits any more. */
  get isOver(): boolean {
    return this.#message.isGone || performance.now() >= this.#untilMs
  }

  /** Aborts when it is over. Made when it is asked for: an answer from memory needs none, and costs less than one. */
  get signal(): AbortSignal {
    this.#controller ??= this.#watch()
    return this.#controller.signal
  }

  /** He has his answer. */
  end(): void {
    this.#ended = true
    if (this.#controller === undefined) return
    clearTimeout(this.#timer)
    this.#message.signal.removeEventListener('abort', this.#leave)
  }

  #watch(): AbortController {
    const controller = new AbortController()
    if (this.#ended) return controller
    const { signal } = this.#message
    if (signal.aborted) controller.abort()
    signal.addEventListener('abort', this.#leave)
    if (this.#untilMs === Number.POSITIVE_INFINITY) return controller
    const leftMs = Math.max(0, this.#untilMs - performance.now())
    const giveUp = () => controller.abort(new GeeCacheError('peer-timeout', 'the caller’s time is over'))
    this.#timer = setTimeout(giveUp, Math.min(leftMs, longestTimer))
    return controller
  }

  readonly #leave = (): void => this.#controller?.abort()
}
