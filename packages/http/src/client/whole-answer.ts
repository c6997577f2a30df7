import type { IncomingHttpHeaders } from 'node:http'
import { longestMessage } from '../wire/refusal.ts'
import type { Receiver } from './connections.ts'

/** An answer that has arrived as a whole. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

// A character of the message takes at most four bytes.
const longestRefusal = 4 * longestMessage

/** An answer longer than it may be, from a peer with which nothing else is wrong. */
export class TooLongError extends Error {
  override readonly name = 'TooLongError'
}

/**
 * Collects an answer. A body longer than it may be is an error if it is a value, and cut if it only says why there is
 * none.
 */
export class WholeAnswer implements Receiver {
  readonly #maxBytes: number
  readonly #done: (outcome: Answer | Error) => void
  #status = 0
  #headers: IncomingHttpHeaders = {}
  readonly #chunks: Buffer[] = []
  #length = 0
  #over = false

  /** Calls `done` once, with the answer or with what went wrong. */
  constructor(maxBytes: number, done: (outcome: Answer | Error) => void) {
    this.#maxBytes = maxBytes
    this.#done = done
  }

  start(status: number, headers: IncomingHttpHeaders): void {
    this.#status = status
    this.#headers = headers
  }

  data(chunk: Buffer): void {
    const isRefusal = this.#status >= 300
    const room = (isRefusal ? longestRefusal : this.#maxBytes) - this.#length
    if (chunk.length <= room) {
      this.#length += chunk.length
      this.#chunks.push(chunk)
      return
    }
    if (!isRefusal) throw new TooLongError(`answered with more than ${this.#maxBytes} bytes`)
    this.#length += room
    this.#chunks.push(chunk.subarray(0, room))
    this.end()
    throw new RangeError('the rest of the message is not wanted')
  }

  end(): void {
    if (this.#over) return
    this.#over = true
    const [first = Buffer.alloc(0)] = this.#chunks
    const body = this.#chunks.length > 1 ? Buffer.concat(this.#chunks, this.#length) : first
    this.#done({ status: this.#status, headers: this.#headers, body })
  }

  fail(error: Error): void {
    if (this.#over) return
    this.#over = true
    this.#done(error)
  }
}
