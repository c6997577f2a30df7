import type { IncomingHttpHeaders } from 'node:http'
import { GeeCacheError } from '@geecache/core'
import type { Dialect } from '../dialects/dialect.ts'
import type { LoopWatch } from '../loop-watch.ts'
import type { TLSOptions } from '../options.ts'
import type { PoolCounters } from '../stats.ts'
import { protocolHeader } from '../wire/headers.ts'
import { Breaker, type BreakerOptions } from './breaker.ts'
import { Connections } from './connections.ts'
import { Deadlines } from './deadlines.ts'

/** What all links of a pool have in common. */
export interface LinkOptions {
  readonly dialect: Dialect
  readonly basePath: string
  readonly timeoutMs: number
  readonly handoverTimeoutMs: number
  readonly maxConnections: number
  readonly maxValueBytes: number
  readonly maxBodyBytes: number
  readonly secrets: readonly string[]
  readonly tls: TLSOptions | undefined
  readonly breaker: BreakerOptions | undefined
  readonly batch: { readonly maxKeys: number; readonly maxInFlight: number } | undefined
}

/** What a pool lends to each of its links. */
export interface LinkContext {
  readonly counters: PoolCounters
  readonly watch: LoopWatch
  /** Whether one more peer may be left alone. */
  readonly mayOpen: () => boolean
  /** Whether the peer at the other end answers. */
  readonly probe: () => Promise<boolean>
}

/** Everything there is between this process and one peer, for the calls that travel on it. */
export class PeerLink {
  readonly url: string
  readonly options: LinkOptions
  readonly counters: PoolCounters
  readonly connections: Connections
  /** Of calls, and of those that only ask what the peer has in memory. */
  readonly deadlines: Deadlines
  readonly handoverDeadlines: Deadlines
  readonly breaker: Breaker | undefined
  /** Headers of every request, names and values in turn. */
  readonly headers: readonly string[]
  /** Whether the peer is one of ours, which takes batches and removals; undefined as long as it has not answered. */
  isOurs: boolean | undefined
  /** How long values from this peer are of late. */
  meanValueBytes = 0
  readonly #watch: LoopWatch

  constructor(url: string, options: LinkOptions, context: LinkContext) {
    this.url = url
    this.options = options
    this.counters = context.counters
    this.#watch = context.watch
    this.deadlines = new Deadlines(options.timeoutMs)
    this.handoverDeadlines = new Deadlines(options.handoverTimeoutMs)
    this.headers = options.secrets.length > 0 ? ['authorization', `Bearer ${options.secrets[0]}`] : []
    this.breaker = options.breaker && new Breaker(options.breaker, context.mayOpen, context.probe)
    this.connections = new Connections(url, {
      timeoutMs: options.timeoutMs,
      maxConnections: options.maxConnections,
      tls: options.tls,
      onRetry: () => {
        this.counters.retries++
      },
    })
  }

  /** An answer has arrived: the peer is there, and shows what it is. */
  recognize(headers: IncomingHttpHeaders): void {
    this.isOurs = headers[protocolHeader] !== undefined
  }

  /** The peer has answered as it should, be it that it has no value. */
  answered(): void {
    this.breaker?.succeed()
  }

  /** The peer has too much to do, and says so. */
  busy(): void {
    this.breaker?.fail('soft')
  }

  /** The peer says that it is leaving. */
  leaving(): void {
    this.breaker?.open()
  }

  /** What a caller gets whom the peer cannot answer, at least not with sense. */
  failed(complaint: string, cause?: unknown): GeeCacheError {
    this.counters.failures++
    this.breaker?.fail('hard')
    return this.error(complaint, cause)
  }

  /** What a caller gets whom the peer did not answer in time; `askedAt` is when he began to wait. */
  late(deadlines: Deadlines, askedAt: number): GeeCacheError {
    this.counters.timeouts++
    // A hand-over has so little time that a busy peer may well miss it, and who was away himself cannot tell.
    const isFair = deadlines !== this.handoverDeadlines && !this.#watch.wasLateSince(askedAt)
    if (isFair) this.breaker?.fail('soft')
    return new GeeCacheError(
      'peer-timeout',
      `peer ${this.url} did not answer within ${deadlines.timeoutMs} ms`,
    )
  }

  /** An error that says nothing about the peer's health. */
  error(complaint: string, cause?: unknown): GeeCacheError {
    const message = `peer ${this.url} ${complaint}`
    return new GeeCacheError('peer-failed', message, cause === undefined ? {} : { cause })
  }

  /** Ends when running calls have. */
  async close(): Promise<void> {
    this.breaker?.end()
    // Some may not have set out yet.
    await Promise.all([this.deadlines.idle(), this.handoverDeadlines.idle()])
    await this.connections.close()
  }

  /** Ends at once. */
  async destroy(): Promise<void> {
    this.breaker?.end()
    await this.connections.destroy()
  }
}
