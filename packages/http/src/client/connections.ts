import type { IncomingHttpHeaders } from 'node:http'
import { Client, type Dispatcher, Pool } from 'undici'

/** A request to a peer. */
export interface Call {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** Sent as it is. */
  readonly path: string
  /** Names and values in turn. */
  readonly headers: string[]
  readonly body?: Uint8Array | string
}

/** Takes the answer to a {@link Call} as it arrives. What it throws ends the call, and the connection. */
export interface Receiver {
  start(status: number, headers: IncomingHttpHeaders): void
  data(chunk: Buffer): void
  /** The answer is complete. */
  end(): void
  /** It is not, and nothing more will come of it. */
  fail(error: Error): void
}

/** A {@link Call} that has been sent. */
export interface Sent {
  /** Ends it; its receiver hears nothing more. */
  leave(): void
}

export interface ConnectionOptions {
  /** Milliseconds to connect. */
  readonly timeoutMs: number
  readonly maxConnections: number
  /** Certificates, for https. */
  readonly tls: { readonly key?: string; readonly cert?: string; readonly ca?: string } | undefined
  /** Counts requests that were sent again. */
  readonly onRetry: () => void
}

/**
 * The connections to one peer, each with one request at a time. (With requests queued on it, a connection is several
 * times slower than many are, and one slow answer holds up those behind it.)
 */
export class Connections {
  readonly #url: string
  readonly #options: Client.Options
  readonly #pool: Pool
  /** Each has the connection of one request that was sent again, and closes with it. */
  readonly #fresh = new Map<Client, Promise<void>>()
  readonly #onRetry: () => void

  constructor(url: string, { timeoutMs, maxConnections, tls, onRetry }: ConnectionOptions) {
    this.#onRetry = onRetry
    this.#url = url
    this.#options = {
      connect: { timeout: timeoutMs, ...tls },
      // The deadline of the whole call stands above these.
      headersTimeout: 0,
      bodyTimeout: 0,
    }
    this.#pool = new Pool(url, { ...this.#options, connections: maxConnections })
  }

  /** Sends `call`. Its receiver may be told before this returns: where there is no connection any more. */
  send(call: Call, receiver: Receiver): Sent {
    const attempt = new Attempt(call, receiver, this.#sendAgain)
    this.#pool.dispatch(call, attempt)
    return attempt
  }

  /** Ends when running requests have. */
  async close(): Promise<void> {
    if (this.#pool.destroyed) return
    await Promise.all([this.#pool.close(), ...this.#fresh.values()])
  }

  /** Ends all requests now. */
  async destroy(): Promise<void> {
    await Promise.all([this.#pool, ...this.#fresh.keys()].map((one) => one.destroy()))
  }

  /** On a connection of its own: another that was kept may be closed as well. */
  readonly #sendAgain = (call: Call, attempt: Attempt): void => {
    this.#onRetry()
    const fresh = new Client(this.#url, this.#options)
    fresh.dispatch(call, attempt)
    const closed = fresh.close().catch(() => {}) // destroyed meanwhile
    this.#fresh.set(
      fresh,
      closed.then(() => void this.#fresh.delete(fresh)),
    )
  }
}

/** One call on its way. */
class Attempt implements Dispatcher.DispatchHandler, Sent {
  readonly #call: Call
  readonly #receiver: Receiver
  readonly #sendAgain: (call: Call, attempt: Attempt) => void
  #controller: Dispatcher.DispatchController | undefined
  #over = false
  #started = false
  #retried = false

  constructor(call: Call, receiver: Receiver, sendAgain: (call: Call, attempt: Attempt) => void) {
    this.#call = call
    this.#receiver = receiver
    this.#sendAgain = sendAgain
  }

  /** Nobody waits for the answer. Its connection is not used again, for the answer may still come. */
  leave(): void {
    if (this.#over) return
    this.#over = true
    this.#controller?.abort(new Error('the call was given up'))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#over) controller.abort(new Error('the call was given up'))
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (this.#over || status < 200) return
    this.#started = true
    this.#take(() => this.#receiver.start(status, headers))
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#over) this.#take(() => this.#receiver.data(chunk))
  }

  onResponseEnd(): void {
    if (this.#over) return
    this.#over = true
    try {
      this.#receiver.end()
    } catch (error) {
      this.#receiver.fail(error as Error)
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#over) return
    if (!this.#retried && !this.#started && isStale(error)) {
      this.#retried = true
      this.#controller = undefined
      this.#sendAgain(this.#call, this)
      return
    }
    this.#over = true
    this.#receiver.fail(error)
  }

  #take(receive: () => void): void {
    try {
      receive()
    } catch (error) {
      this.leave()
      this.#receiver.fail(error as Error)
    }
  }
}

/**
 * Whether the connection may have been one that had been kept, and the peer closed it just when the request set out:
 * nothing is wrong with the peer then. One that ends without ever having brought a byte was fresh, which is another
 * matter. A reset does not say what it has ended; of a fresh one it costs a request more.
 */
function isStale(error: Error): boolean {
  const { code, socket } = error as Error & { code?: string; socket?: { bytesRead?: number } }
  if (code === 'UND_ERR_SOCKET') return (socket?.bytesRead ?? 0) > 0
  return code === 'ECONNRESET' || code === 'EPIPE'
}
