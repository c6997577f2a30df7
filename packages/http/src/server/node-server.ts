import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTLSServer } from 'node:https'
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net'
import { GeeCacheError } from '@geecache/core'
import type { HTTPPoolLimits, TLSOptions } from '../options.ts'
import type { PoolCounters } from '../stats.ts'
import type { Message, PeerServer } from './peer-server.ts'
import { type Reply, refusalReply } from './reply.ts'

// Longer than a client keeps a connection that it does not use, so that it is the client who hangs up: a server
// that does might cross a request on its way.
const keepAliveTimeout = 65_000
// How soon a request is ended that takes too long: by default node looks every 30 seconds.
const connectionsCheckingInterval = 500

/** A request of a peer that is being answered. */
interface Running {
  readonly response: ServerResponse
  readonly caller: AbortController
  /** Called when the answer is on its way as a whole, or its connection gone. */
  end(): void
  readonly ended: Promise<void>
}

/** Serves peers through node:http, on a server of its own or mounted in that of an application. */
export class NodeServer {
  readonly #peers: PeerServer
  readonly #limits: HTTPPoolLimits
  readonly #tls: TLSOptions | undefined
  readonly #counters: PoolCounters
  /** What runs, by connection: one that dies takes all with it, of which node tells only the first. */
  readonly #running = new Map<Socket, Set<Running>>()
  #server: Server | undefined
  /** Settles when the server listens, or can't. */
  #bound: Promise<unknown> | undefined
  #state: 'new' | 'listening' | 'closed' = 'new'

  constructor(
    peers: PeerServer,
    limits: HTTPPoolLimits,
    tls: TLSOptions | undefined,
    counters: PoolCounters,
  ) {
    this.#peers = peers
    this.#limits = limits
    this.#tls = tls
    this.#counters = counters
  }

  /** Answers a request; one for another path goes to `next`, or gets 404 if there is none. */
  handle(request: IncomingMessage, response: ServerResponse, next: (() => void) | undefined): void {
    // A framework that mounts handlers cuts `url`, and keeps what was sent.
    const { originalUrl } = request as IncomingMessage & { originalUrl?: string }
    const path = originalUrl ?? (request.url as string)
    if (!this.#peers.serves(path)) {
      if (next !== undefined) next()
      else void write(response, refusalReply(pathUnknown)).catch(() => response.destroy())
      return
    }
    const running = this.#follow(request.socket, response)
    const message = messageOf(request, path, running.caller.signal)
    this.#answer(message, response)
      // Somebody else has begun to answer, or the connection is gone: there is nobody to tell.
      .catch(() => response.destroy())
      .finally(running.end)
  }

  /** Serves on a socket of its own. Rejects when the address can't be bound, or it listens, or was closed. */
  async listen(host: string, port: number): Promise<AddressInfo> {
    if (this.#state !== 'new') {
      const state = this.#state === 'closed' ? 'closed' : 'listening already'
      throw new GeeCacheError('invalid-option', `this pool is ${state}`)
    }
    this.#state = 'listening'
    const server = this.#create()
    this.#server = server
    server.listen(port, host)
    try {
      this.#bound = once(server, 'listening')
      await this.#bound
    } catch (error) {
      this.#server = undefined
      if (!this.#isClosed) this.#state = 'new'
      throw error
    }
    if (this.#isClosed) throw new GeeCacheError('closed', 'this pool was closed before it listened')
    return server.address() as AddressInfo
  }

  /** Takes no more connections, lets running requests end, and cuts off what has not ended after `drainMs`. */
  async close(drainMs: number): Promise<void> {
    this.#state = 'closed'
    // Closed before it listens, a server would say neither that it does nor that it can't.
    await this.#bound?.catch(() => {})
    const server = this.#server
    this.#server = undefined
    // Not the method of the HTTP server, which would also cut connections whose answers are still being sent.
    const closed = server?.listening === true && once(server, 'close')
    if (server !== undefined) NetServer.prototype.close.call(server)
    const cut = setTimeout(() => this.#cut(), drainMs)
    await Promise.all([...this.#running.values()].flatMap((some) => [...some]).map(({ ended }) => ended))
    clearTimeout(cut)
    // Connections that were kept for requests that can't come any more.
    server?.close(() => {})
    server?.closeAllConnections()
    await closed
  }

  get #isClosed(): boolean {
    return this.#state === 'closed'
  }

  #create(): Server {
    const { maxConnections, headersTimeoutMs, requestTimeoutMs } = this.#limits
    const options = {
      keepAliveTimeout,
      connectionsCheckingInterval,
      headersTimeout: headersTimeoutMs,
      requestTimeout: Math.max(requestTimeoutMs, headersTimeoutMs),
    }
    const handle = (request: IncomingMessage, response: ServerResponse) =>
      this.handle(request, response, undefined)
    const server: Server =
      this.#tls === undefined
        ? createServer(options, handle)
        : createTLSServer({ ...options, ...this.#tls, requestCert: true, rejectUnauthorized: true }, handle)
    server.maxConnections = maxConnections
    server.on('drop', () => {
      this.#counters.connectionsDropped++
    })
    return server
  }

  #follow(socket: Socket, response: ServerResponse): Running {
    const caller = new AbortController()
    // It will not tell any more.
    if (socket.destroyed) caller.abort()
    let onEnded: () => void = () => {}
    const ended = new Promise<void>((resolve) => {
      onEnded = resolve
    })
    const all = this.#running.get(socket) ?? this.#followSocket(socket)
    const running: Running = {
      response,
      caller,
      ended,
      end: () => {
        all.delete(running)
        onEnded()
      },
    }
    all.add(running)
    return running
  }

  #followSocket(socket: Socket): Set<Running> {
    const all = new Set<Running>()
    this.#running.set(socket, all)
    // Where node has ended its side as well, which it does first, unless told otherwise: there can be no answer any more.
    socket.once('end', () => {
      if (!socket.writable) for (const { caller } of all) caller.abort()
    })
    socket.once('close', () => {
      this.#running.delete(socket)
      for (const { caller, end } of all) {
        caller.abort()
        end()
      }
    })
    return all
  }

  #cut(): void {
    for (const [socket, all] of this.#running) if (all.size > 0) socket.destroy()
  }

  async #answer(message: Message, response: ServerResponse): Promise<void> {
    await write(response, await this.#peers.answer(message))
  }
}

function messageOf(request: IncomingMessage, path: string, signal: AbortSignal): Message {
  return {
    method: request.method as string,
    path,
    signal,
    header: (name) => request.headers[name] as string | undefined,
    body: (maxBytes) => readBody(request, maxBytes),
  }
}

/** The whole body of a request; undefined if it has more than `maxBytes`. */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  // What is left unread may not cost the connection, on which the refusal has to travel.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBytes) break
    chunks.push(chunk)
  }
  if (length > maxBytes) {
    request.resume()
    return undefined
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length)
}

/** Resolves when all of a reply is on its way, or its connection gone. */
async function write(response: ServerResponse, { status, headers, body, rest }: Reply): Promise<void> {
  if (response.destroyed) return
  response.writeHead(status, headers)
  if (rest === undefined && body.length <= 1) {
    response.end(body[0])
  } else {
    response.cork()
    for (const chunk of body) response.write(chunk)
    response.uncork()
    await rest?.((chunk) => {
      if (response.destroyed || response.write(chunk)) return undefined
      return drained(response)
    })
    response.end()
  }
  if (!response.writableFinished) await finished(response)
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once('drain', resolve)
    response.once('close', resolve)
  })
}

function finished(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once('finish', resolve)
    response.once('close', resolve)
  })
}

const pathUnknown = { status: 404, code: 'path-unknown', message: 'no peer is served here' }
