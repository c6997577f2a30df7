import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTLSServer } from 'node:https'
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net'
import { GeeCacheError } from '@geecache/core'
import type { HTTPPoolLimits, TLSOptions } from '../options.ts'
import type { PoolCounters } from '../stats.ts'
import { Exchange } from './exchange.ts'
import type { PeerServer } from './peer-server.ts'
import { pathUnknown } from './refusals.ts'
import { type Reply, refusalReply } from './reply.ts'
import { isPromise, type Soon } from './soon.ts'
import { answerUnreadable } from './unreadable.ts'

// Longer than a client keeps a connection that it does not use, so that it is the client who hangs up: a server
// that does might cross a request on its way.
const keepAliveTimeout = 65_000
// How soon a request is ended that takes too long: by default node looks every 30 seconds.
const connectionsCheckingInterval = 500

/** Serves peers through node:http, on a server of its own or mounted in that of an application. */
export class NodeServer {
  readonly #peers: PeerServer
  readonly #limits: HTTPPoolLimits
  readonly #tls: TLSOptions | undefined
  readonly #counters: PoolCounters
  /** What runs, by connection: one that dies takes all with it, of which node tells only the first. */
  readonly #running = new Map<Socket, Set<Exchange>>()
  /** Called when nothing runs any more, once this is closed. */
  #onIdle: (() => void) | undefined
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
      else answer(new Exchange(request, response, path), refusalReply(pathUnknown))
      return
    }
    const exchange = this.#follow(request, response, path)
    answer(exchange, this.#peers.answer(exchange))
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
    await this.#idle()
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
        : createTLSServer(
            {
              ...options,
              ...this.#tls,
              requestCert: true,
              rejectUnauthorized: true,
              handshakeTimeout: headersTimeoutMs,
            },
            handle,
          )
    server.maxConnections = maxConnections
    // After node has had a look: a request that does not arrive is told so.
    server.timeout = options.requestTimeout + 2 * connectionsCheckingInterval
    server.on('timeout', (socket) => {
      // A load may take its time. But an answer that nobody reads would be held for ever.
      if (socket.writableLength > 0 || !this.#isAnswering(socket)) socket.destroy()
    })
    server.on('clientError', (error, socket) => {
      const answers = [...(this.#running.get(socket as Socket) ?? [])]
      answerUnreadable(
        error,
        socket,
        answers.some(({ hasBegun }) => hasBegun),
      )
    })
    server.on('drop', () => {
      this.#counters.connectionsDropped++
    })
    return server
  }

  #follow(request: IncomingMessage, response: ServerResponse, path: string): Exchange {
    const { socket } = request
    const exchange = new Exchange(request, response, path)
    // It will not tell any more.
    if (socket.destroyed) return exchange
    const all = this.#running.get(socket) ?? this.#followSocket(socket)
    all.add(exchange)
    response.once('close', () => {
      if (!response.writableFinished) exchange.hangUp()
      this.#end(all, exchange)
    })
    return exchange
  }

  #followSocket(socket: Socket): Set<Exchange> {
    const all = new Set<Exchange>()
    this.#running.set(socket, all)
    // Some rounds of the loop before it closes.
    socket.once('end', () => {
      for (const exchange of all) if (exchange.isGone) exchange.hangUp()
    })
    socket.once('close', () => {
      this.#running.delete(socket)
      for (const exchange of all) {
        exchange.hangUp()
        this.#end(all, exchange)
      }
    })
    return all
  }

  /** The answer is on its way as a whole, or its connection gone. */
  #end(all: Set<Exchange>, exchange: Exchange): void {
    all.delete(exchange)
    if (this.#onIdle !== undefined && !this.#isBusy) this.#onIdle()
  }

  get #isBusy(): boolean {
    return [...this.#running.keys()].some((socket) => this.#isAnswering(socket))
  }

  #isAnswering(socket: Socket): boolean {
    return (this.#running.get(socket)?.size ?? 0) > 0
  }

  async #idle(): Promise<void> {
    if (!this.#isBusy) return
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve
    })
  }

  #cut(): void {
    for (const socket of this.#running.keys()) if (this.#isAnswering(socket)) socket.destroy()
  }
}

/** Answers with `reply`; if somebody else has begun to, or the connection is gone, there is nobody to tell. */
function answer(exchange: Exchange, reply: Soon<Reply>): void {
  const answered = isPromise(reply) ? reply.then((made) => exchange.answer(made)) : exchange.answer(reply)
  answered.catch(() => exchange.destroy())
}
