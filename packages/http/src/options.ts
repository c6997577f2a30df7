import type { HashRingOptions } from '@geecache/consistenthash'
import type { BreakerOptions } from './client/breaker.ts'
import type { GathererOptions } from './client/gatherer.ts'
import type { DialectName } from './dialects/index.ts'

/** How a pool speaks with its peers. */
export interface HTTPPoolOptions {
  /**
   * The family of peers: `geecache` (ours, and GeeCache in Go), `groupcache` (golang/groupcache) or `mailgun`
   * (mailgun/groupcache), the same in every process. Default: `geecache`.
   */
  readonly dialect?: DialectName | undefined
  /** Where peers serve each other, the same in every process. Default: that of the dialect, `/_geecache/`. */
  readonly basePath?: string | undefined
  /** How keys are spread over the peers, the same in every process. Default: that of the dialect, the balanced ring. */
  readonly ring?: HashRingOptions | undefined
  /**
   * What peers have to know, at least 16 characters: of a list, all are accepted and the first one is sent, so that a
   * secret can be replaced process by process. Default: none.
   */
  readonly secret?: string | readonly string[] | undefined
  /** Certificates, for peers whose URLs begin with https. Default: none, and http. */
  readonly tls?: TLSOptions | undefined
  /**
   * Lets `listen` bind an address that other machines reach without a secret and without certificates, although whoever
   * reaches it can read and write the cache. Default: false, loopback only.
   */
  readonly insecure?: boolean | undefined
  /** Milliseconds for a request to a peer, from dial to last byte. Default: 1000. */
  readonly timeoutMs?: number | undefined
  /** Milliseconds that `close` gives running requests to end. Default: `timeoutMs`. */
  readonly drainMs?: number | undefined
  /** How gets are gathered into requests; false: each travels alone. Default: as {@link GathererOptions} say. */
  readonly batch?: false | Some<GathererOptions> | undefined
  /** When a peer that fails is left alone; false: never. Default: as {@link BreakerOptions} say. */
  readonly breaker?: false | Some<BreakerOptions> | undefined
  /**
   * How long a process that has become the owner of keys asks the one that was, before it loads them; false: never.
   * Default: as {@link HandoverOptions} say.
   */
  readonly handover?: false | Some<HandoverOptions> | undefined
  /** What is taken at most. Default: as {@link HTTPPoolLimits} say. */
  readonly limits?: Some<HTTPPoolLimits> | undefined
}

/** Certificates in PEM form. Both sides show theirs, and take only what `ca` has signed. */
export interface TLSOptions {
  readonly key: string
  readonly cert: string
  readonly ca: string
}

/** How long the previous owner of a key is asked for what it has in memory. */
export interface HandoverOptions {
  /** Milliseconds after a change of the peers. Default: 60,000. */
  readonly forMs: number
  /** Milliseconds that it has to answer. Default: 100. */
  readonly timeoutMs: number
}

/** What a pool takes at most. */
export interface HTTPPoolLimits {
  /** Bytes of a value, from a peer or for it; a longer one is refused while it is read. Default: 64 MiB. */
  readonly maxValueBytes: number
  /** Bytes of a request that names keys. Default: 8 MiB. */
  readonly maxBodyBytes: number
  /** Keys of one request for values. Default: 10,000. */
  readonly maxKeys: number
  /** Requests of peers under way; more are refused, and their peers load themselves. Default: 10,000. */
  readonly maxRequests: number
  /** Connections from peers, on the server of `listen`; more are closed. Default: 10,000. */
  readonly maxConnections: number
  /** Connections to each peer. Default: 64. */
  readonly maxConnectionsPerPeer: number
  /** Milliseconds for the headers of a request, on the server of `listen`. Default: 5,000. */
  readonly headersTimeoutMs: number
  /**
   * Milliseconds for all of a request, there; after about as long a peer is cut off, too, that takes nothing of its answer.
   * A load may take longer. Default: 30,000.
   */
  readonly requestTimeoutMs: number
}

/** Any of the options of a group; undefined is the default. */
export type Some<T> = { readonly [name in keyof T]?: T[name] | undefined }
