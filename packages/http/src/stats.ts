/** What a pool counts, since it was made. */
export interface PoolCounters {
  /** Requests to peers for one key. */
  gets: number
  /** Requests to peers for many keys. */
  batches: number
  /** The keys of those. */
  batchedGets: number
  /** Requests sent a second time, because the connection had just been closed. */
  retries: number
  /** Calls that a peer failed. */
  failures: number
  /** Calls that a peer did not answer in time. */
  timeouts: number
  /** Requests of peers that were taken on. */
  served: number
  /** Requests of peers that were refused for want of room or of the secret, or because this process leaves. */
  refused: number
  /** Connections of peers that were closed because there were too many. */
  connectionsDropped: number
}

/** How one peer is doing. */
export interface PeerStats {
  /** Its base URL. */
  readonly url: string
  /** Whether it has failed so often that it is left alone for a while. */
  readonly isOut: boolean
}

/** {@link HTTPPool.stats}. */
export interface HTTPPoolStats extends Readonly<PoolCounters> {
  readonly peers: readonly PeerStats[]
}

export function newPoolCounters(): PoolCounters {
  return {
    gets: 0,
    batches: 0,
    batchedGets: 0,
    retries: 0,
    failures: 0,
    timeouts: 0,
    served: 0,
    refused: 0,
    connectionsDropped: 0,
  }
}
