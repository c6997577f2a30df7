import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import {
  GeeCacheError,
  isGeeCacheError,
  type PeerGetter,
  type PeerRequest,
  type PeerValue,
} from '@geecache/core'
import { Pool } from 'undici'
import { withDeadline } from './deadline.ts'
import { formatPath } from './path.ts'
import { codeHeader, fromRefusal, longestMessage, ttlHeader, valueType } from './wire.ts'

/** What the clients of one pool have in common. */
export interface ClientOptions {
  readonly basePath: string
  readonly timeoutMs: number
  readonly maxValueBytes: number
}

// One connection with requests queued on it is several times slower than many (see packages/bench).
const connections = 64

/** A remote peer: asks its server over HTTP. */
export class HTTPClient implements PeerGetter {
  readonly #url: string
  readonly #options: ClientOptions
  readonly #connections: Pool

  constructor(url: string, options: ClientOptions) {
    this.#url = url
    this.#options = options
    this.#connections = new Pool(url, {
      connections,
      connect: { timeout: options.timeoutMs },
      // The deadline of the whole call stands above these.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  }

  async get(group: string, key: string, request: PeerRequest = {}): Promise<PeerValue> {
    const { timeoutMs, basePath } = this.#options
    const path = formatPath(basePath, group, key)
    const late = () => this.#failure(`did not answer within ${timeoutMs} ms`)
    try {
      return await withDeadline(timeoutMs, late, request.signal, (signal) => this.#ask(path, signal))
    } catch (error) {
      if (request.signal?.aborted || isGeeCacheError(error)) throw error
      throw this.#failure(`could not be asked: ${(error as Error).message}`, error)
    }
  }

  /** Ends when running requests have. */
  async close(): Promise<void> {
    await this.#connections.close()
  }

  async #ask(path: string, signal: AbortSignal): Promise<PeerValue> {
    const { statusCode, headers, body } = await this.#connections.request({ method: 'GET', path, signal })
    if (statusCode !== 200) {
      const text = (await this.#read(body, longestMessage * 4)).toString()
      throw fromRefusal(this.#url, {
        status: statusCode,
        code: String(headers[codeHeader] ?? ''),
        message: text,
      })
    }
    const complaint = complaintAbout(headers)
    if (complaint !== undefined) {
      // Its destruction is reported as an error, to us who asked for it.
      body.on('error', () => {}).destroy()
      throw this.#failure(complaint)
    }
    const bytes = await this.#read(body, this.#options.maxValueBytes)
    const ttl = headers[ttlHeader]
    return ttl === undefined ? { bytes } : { bytes, ttlMs: Number(ttl) }
  }

  async #read(body: Readable, maxBytes: number): Promise<Buffer> {
    const chunks: Buffer[] = []
    let length = 0
    for await (const chunk of body as AsyncIterable<Buffer>) {
      length += chunk.length
      // Leaving the loop destroys the body, and with it the connection.
      if (length > maxBytes) throw this.#failure(`answered with more than ${maxBytes} bytes`)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks, length)
  }

  #failure(complaint: string, cause?: unknown): GeeCacheError {
    return new GeeCacheError(
      'peer-failed',
      `peer ${this.#url} ${complaint}`,
      cause === undefined ? {} : { cause },
    )
  }
}

/** What is wrong with the headers of a 200: some other service may be listening at the peer's address. */
function complaintAbout(headers: IncomingHttpHeaders): string | undefined {
  if (headers['content-type'] !== valueType)
    return `answered with ${headers['content-type']}, not ${valueType}`
  if (headers['content-encoding'] !== undefined) return `answered in ${headers['content-encoding']} encoding`
  // Such a body ends where the connection does, and might be cut anywhere.
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
    return 'answered without saying how long its value is'
  }
  return undefined
}
