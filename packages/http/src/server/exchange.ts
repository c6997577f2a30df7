import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Message } from './message.ts'
import type { Reply } from './reply.ts'

/** A request of a peer that came through node:http, and the answer to it. */
export class Exchange implements Message {
  readonly method: string
  readonly path: string
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  #caller: AbortController | undefined

  constructor(request: IncomingMessage, response: ServerResponse, path: string) {
    this.method = request.method as string
    this.path = path
    this.#request = request
    this.#response = response
  }

  /** Whether there can be no answer: where the caller has ended his side, node ends its own, unless it is told otherwise. */
  get isGone(): boolean {
    return !this.#request.socket.writable
  }

  get signal(): AbortSignal {
    this.#caller ??= new AbortController()
    if (this.isGone) this.#caller.abort()
    return this.#caller.signal
  }

  /** The connection is gone. */
  hangUp(): void {
    this.#caller?.abort()
  }

  /** Whether the answer is on its way, or a part of it. */
  get hasBegun(): boolean {
    return this.#response.headersSent
  }

  header(name: string): string | undefined {
    return this.#request.headers[name] as string | undefined
  }

  body(maxBytes: number): Promise<Buffer | undefined> {
    return readBody(this.#request, maxBytes)
  }

  /** Resolves when all of `reply` has been written, or the connection is gone. */
  async answer({ status, headers, body, rest }: Reply): Promise<void> {
    const response = this.#response
    if (response.destroyed) return
    response.writeHead(status, headers)
    if (rest === undefined && body.length <= 1) {
      response.end(body[0])
      return
    }
    response.cork()
    for (const chunk of body) response.write(chunk)
    response.uncork()
    await rest?.((chunk) => {
      if (response.destroyed || response.write(chunk)) return undefined
      return drained(response)
    })
    response.end()
  }

  /** Whatever happens to the request from now on, nobody hears of it. */
  destroy(): void {
    this.#response.destroy()
  }
}

/** The whole body of a request; undefined if it has more than `maxBytes`. */
function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  return new Promise((resolve, reject) => {
    const end = () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length))
    // Somebody else has read it, and there will be no word of that.
    if (request.readableEnded) return end()
    request.on('end', end)
    request.on('error', reject)
    request.on('close', () => reject(new Error('the request was cut off')))
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= maxBytes) {
        chunks.push(chunk)
        return
      }
      // The rest is read and dropped: it may not cost the connection, on which the refusal has to travel.
      chunks.length = 0
      resolve(undefined)
    })
  })
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      response.off('drain', settle)
      response.off('close', settle)
      resolve()
    }
    response.on('drain', settle)
    response.on('close', settle)
  })
}
