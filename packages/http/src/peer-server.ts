import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GeeCacheError, isGeeCacheError, type PeerGetter, type PeerValue } from '@geecache/core'
import { parsePath, type Target } from './path.ts'
import {
  codeHeader,
  dropType,
  longestDrop,
  parseDrop,
  qpsHeader,
  type Refusal,
  toRefusal,
  ttlHeader,
  valueType,
} from './wire.ts'

// Longer than a client keeps a connection that it does not use, so that it is the client who hangs up: a server
// that does might cross a request on its way.
const keepAliveTimeout = 65_000

/** The server side: answers peers from the groups it was given, in a server of its own or of the application. */
export class PeerServer {
  readonly #basePath: string
  readonly #maxValueBytes: number
  readonly #groups = new Map<string, Required<PeerGetter>>()
  readonly #running = new Map<ServerResponse, Promise<void>>()
  #server: Server | undefined
  #closing = false

  constructor({ basePath, maxValueBytes }: { readonly basePath: string; readonly maxValueBytes: number }) {
    this.#basePath = basePath
    this.#maxValueBytes = maxValueBytes
  }

  /** Whether there is a group of that name. */
  has(group: string): boolean {
    return this.#groups.has(group)
  }

  add(group: string, local: Required<PeerGetter>): void {
    this.#groups.set(group, local)
  }

  /** Answers a request; one for another path goes to `next`, or gets 404 if there is none. */
  handle(request: IncomingMessage, response: ServerResponse, next: (() => void) | undefined): void {
    const target = parsePath(request.url as string, this.#basePath)
    if (target === undefined) return next === undefined ? refuse(response, pathUnknown) : next()
    if (this.#closing) return refuse(response, closing, { connection: 'close' })
    if (target === 'malformed') return refuse(response, badPath)
    const methods = target.key === undefined ? ['POST'] : ['GET', 'PUT']
    if (!methods.includes(request.method as string)) {
      return refuse(response, methodNotAllowed, { allow: methods.join(', ') })
    }
    const group = this.#groups.get(target.group)
    if (group === undefined) return target.key === undefined ? done(response) : refuse(response, groupUnknown)
    if (response.closed) return
    this.#running.set(response, this.#answer(request, response, group, target))
  }

  /** Serves on a socket of its own. Rejects when the address can't be bound. */
  async listen(host: string, port: number): Promise<AddressInfo> {
    if (this.#server !== undefined)
      throw new GeeCacheError('invalid-option', 'this pool is listening already')
    const server = createServer({ keepAliveTimeout }, (request, response) =>
      this.handle(request, response, undefined),
    )
    this.#server = server
    server.listen(port, host)
    try {
      await once(server, 'listening')
    } catch (error) {
      this.#server = undefined
      throw error
    }
    return server.address() as AddressInfo
  }

  /** Takes no more requests, answers the running ones, and cuts off what is still running after `drainMs`. */
  async close(drainMs: number): Promise<void> {
    this.#closing = true
    const server = this.#server
    this.#server = undefined
    const closed = server === undefined ? undefined : new Promise((resolve) => server.close(resolve))
    const cut = setTimeout(() => {
      for (const response of this.#running.keys()) response.destroy()
      server?.closeAllConnections()
    }, drainMs)
    await Promise.all(this.#running.values())
    // What has been answered keeps its connection alive for more; there will be no more.
    server?.closeIdleConnections()
    await closed
    clearTimeout(cut)
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    group: Required<PeerGetter>,
    target: Target,
  ): Promise<void> {
    const caller = new AbortController()
    // A caller who hangs up does not wait any more. 'close' follows every answer as well.
    response.once('close', () => {
      this.#running.delete(response)
      caller.abort()
    })
    try {
      await this.#obey(request, response, group, target, caller.signal)
    } catch (error) {
      if (!caller.signal.aborted) refuse(response, isGeeCacheError(error) ? toRefusal(error) : internal)
    }
    if (!response.closed) await once(response, 'close')
  }

  async #obey(
    request: IncomingMessage,
    response: ServerResponse,
    group: Required<PeerGetter>,
    { group: name, key }: Target,
    signal: AbortSignal,
  ): Promise<void> {
    if (key !== undefined && request.method === 'GET')
      return send(response, await group.get(name, key, { signal }))
    const isDrop = key === undefined
    if (request.headers['content-type'] !== (isDrop ? dropType : valueType))
      return refuse(response, wrongType)
    const body = await readBody(request, isDrop ? longestDrop : this.#maxValueBytes)
    if (body === undefined) return refuse(response, tooLarge, { connection: 'close' })
    if (!isDrop) {
      const ttl = request.headers[ttlHeader]
      await group.set(name, key, ttl === undefined ? { bytes: body } : { bytes: body, ttlMs: Number(ttl) })
    } else {
      const drop = parseDrop(body.toString())
      if (drop === undefined) return refuse(response, badBody)
      const { round, keys } = drop
      await (keys === 'all' ? group.clear(name, { round }) : group.remove(name, keys, { round }))
    }
    done(response)
  }
}

/** The whole body of a request; undefined if it has more than `maxBytes`. */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}

function send(response: ServerResponse, value: PeerValue): void {
  response.writeHead(200, {
    'content-type': valueType,
    'content-length': value.bytes.length,
    ...(value.ttlMs === undefined ? {} : { [ttlHeader]: Math.floor(value.ttlMs) }),
    ...(value.qps === undefined ? {} : { [qpsHeader]: value.qps.toFixed(2) }),
  })
  response.end(value.bytes)
}

/** Says that what was told is so; it is for a group that is not here as well, which holds nothing that could be dropped. */
function done(response: ServerResponse): void {
  response.writeHead(204).end()
}

/** Says why there is no value. */
function refuse(response: ServerResponse, refusal: Refusal, headers: Record<string, string> = {}): void {
  const body = Buffer.from(refusal.message)
  response.writeHead(refusal.status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': body.length,
    [codeHeader]: refusal.code,
    ...headers,
  })
  response.end(body)
}

const pathUnknown: Refusal = { status: 404, code: 'path-unknown', message: 'no peer is served here' }
const badPath: Refusal = { status: 400, code: 'bad-request', message: 'the path must be {base}{group}/{key}' }
const badBody: Refusal = { status: 400, code: 'bad-request', message: 'the body must say what to drop' }
const wrongType: Refusal = {
  status: 415,
  code: 'bad-request',
  message: 'the media type is not that of a value or a drop',
}
const tooLarge: Refusal = { status: 413, code: 'too-large', message: 'the body is too large' }
const methodNotAllowed: Refusal = {
  status: 405,
  code: 'method-not-allowed',
  message: 'GET or PUT a key, POST to a group',
}
const groupUnknown: Refusal = { status: 404, code: 'group-unknown', message: 'there is no such group here' }
const closing: Refusal = { status: 503, code: 'closed', message: 'this peer is leaving' }
const internal: Refusal = {
  status: 500,
  code: 'internal',
  message: 'the group failed in a way it should not',
}
