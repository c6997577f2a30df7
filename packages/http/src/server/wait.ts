import { GeeCacheError } from '@geecache/core'
import { timeoutHeader } from '../wire/headers.ts'
import { parseMilliseconds } from '../wire/milliseconds.ts'
import type { Message } from './peer-server.ts'

const longestTimer = 2 ** 31 - 1

/** How long a caller waits: until he hangs up, or the time is over that he has given us. */
export class Wait {
  readonly signal: AbortSignal
  readonly #hungUp: AbortSignal
  readonly #leave: () => void
  readonly #timer: ReturnType<typeof setTimeout> | undefined

  constructor(message: Message) {
    const controller = new AbortController()
    this.signal = controller.signal
    this.#hungUp = message.signal
    this.#leave = () => controller.abort()
    const giveUp = () => controller.abort(new GeeCacheError('peer-timeout', 'the caller’s time is over'))
    if (this.#hungUp.aborted) this.#leave()
    this.#hungUp.addEventListener('abort', this.#leave)
    const timeoutMs = parseMilliseconds(message.header(timeoutHeader) ?? '')
    this.#timer = timeoutMs === undefined ? undefined : setTimeout(giveUp, Math.min(timeoutMs, longestTimer))
  }

  /** He has his answer. */
  end(): void {
    clearTimeout(this.#timer)
    this.#hungUp.removeEventListener('abort', this.#leave)
  }
}
