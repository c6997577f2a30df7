import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import {
  GeeCacheError,
  isGeeCacheError,
  type PeerGetter,
  type PeerRequest,
  type PeerValue,
  type RoundRequest,
} from '@geecache/core'
import { Pool } from 'undici'
import { withDeadline } from './deadline.ts'
import { formatGroupPath, formatPath } from './path.ts'
import {
  codeHeader,
  type Drop,
  dropType,
  fromRefusal,
  longestMessage,
  qpsHeader,
  ttlHeader,
  valueType,
} from './wire.ts'

/** What the clients of one pool have in common. */
export interface ClientOptions {
  readonly basePath: string
  readonly timeoutMs: number
  readonly maxValueBytes: number
}

interface Call {
  readonly method: 'GET' | 'PUT' | 'POST'
  readonly path: string
  readonly headers?: Record<string, string>
  readonly body?: Uint8Array | string
}

interface Answer {
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
}

// Keys of one request to drop them at most: with the longest keys, some megabytes.
const mostKeys = 1000

// One connection with requests queued on it is several times slower than many (see packages/bench).
const connections = 64

/** A remote peer: asks its server over HTTP. */
export class HTTPClient implements Required<PeerGetter> {
  /** The peer's base URL. */
  readonly name: string
  readonly #options: ClientOptions
  readonly #connections: Pool

  constructor(url: string, options: ClientOptions) {
    this.name = url
    this.#options = options
    this.#connections = new Pool(url, {
      connections,
      connect: { timeout: options.timeoutMs },
      // The deadline of the whole call stands above these.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  }

  async get(group: string, key: string, request?: PeerRequest): Promise<PeerValue> {
    const path = formatPath(this.#options.basePath, group, key)
    const { headers, bytes } = await this.#call({ method: 'GET', path }, 200, request)
    const ttl = headers[ttlHeader]
    const qps = headers[qpsHeader]
    return {
      bytes,
      ...(ttl === undefined ? {} : { ttlMs: Number(ttl) }),
      ...(qps === undefined ? {} : { qps: Number(qps) }),
    }
  }

  async set(group: string, key: string, value: PeerValue, request?: PeerRequest): Promise<void> {
    const path = formatPath(this.#options.basePath, group, key)
    const ttl = value.ttlMs === undefined ? {} : { [ttlHeader]: String(Math.floor(value.ttlMs)) }
    const headers = { 'content-type': valueType, ...ttl }
    await this.#call({ method: 'PUT', path, headers, body: value.bytes }, 204, request)
  }

  async remove(group: string, keys: readonly string[], request: RoundRequest): Promise<void> {
    for (let i = 0; i < keys.length; i += mostKeys) {
      await this.#drop(group, { round: request.round, keys: keys.slice(i, i + mostKeys) }, request)
    }
  }

  async clear(group: string, request: RoundRequest): Promise<void> {
    await this.#drop(group, { round: request.round, keys: 'all' }, request)
  }

  /** Ends when running requests have. */
  async close(): Promise<void> {
    await this.#connections.close()
  }

  async #drop(group: string, drop: Drop, request: PeerRequest): Promise<void> {
    const path = formatGroupPath(this.#options.basePath, group)
    const headers = { 'content-type': dropType }
    await this.#call({ method: 'POST', path, headers, body: JSON.stringify(drop) }, 204, request)
  }

  /** Sends a request and reads the whole answer, within the deadline; rejects for any other status. */
  async #call(message: Call, status: 200 | 204, { signal }: PeerRequest = {}): Promise<Answer> {
    const { timeoutMs } = this.#options
    const late = () => this.#failure(`did not answer within ${timeoutMs} ms`)
    try {
      return await withDeadline(timeoutMs, late, signal, (limited) =>
        this.#exchange(message, status, limited),
      )
    } catch (error) {
      if (signal?.aborted || isGeeCacheError(error)) throw error
      throw this.#failure(`could not be asked: ${(error as Error).message}`, error)
    }
  }

  async #exchange(message: Call, status: 200 | 204, signal: AbortSignal): Promise<Answer> {
    const { statusCode, headers, body } = await this.#connections.request({ ...message, signal })
    if (statusCode !== status) {
      const text = (await this.#read(body, longestMessage * 4)).toString()
      const code = String(headers[codeHeader] ?? '')
      throw fromRefusal(this.name, { status: statusCode, code, message: text })
    }
    const complaint = status === 200 ? complaintAbout(headers) : undefined
    if (complaint !== undefined) {
      // Its destruction is reported as an error, to us who asked for it.
      body.on('error', () => {}).destroy()
      throw this.#failure(complaint)
    }
    return { headers, bytes: await this.#read(body, this.#options.maxValueBytes) }
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
      `peer ${this.name} ${complaint}`,
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
