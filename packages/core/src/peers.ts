/**
 * What a group knows of its peers: someone who picks the owner of a key, and a way to ask it. A transport
 * implements both; `Group.local` is a {@link PeerGetter} as well, which the transport's server calls.
 */

/** Picks the peer that owns a key. */
export interface PeerPicker {
  /** The peer that owns `key`; undefined when this process does. */
  pickPeer(key: string): PeerGetter | undefined
  /** Every other peer. */
  peers?(): Iterable<PeerGetter>
}

/** A peer, near or far, that can be asked for a value. */
export interface PeerGetter {
  /**
   * The value of `key` in the group named `group`, from that peer's memory or its getter.
   *
   * Rejects with a GeeCacheError `not-found` or `load-failed` when the origin said no, which is final; with
   * anything else when the peer could not be asked, after which the caller's process handles the key itself.
   */
  get(group: string, key: string, options?: PeerRequest): Promise<PeerValue>
}

/** What a request to a peer carries besides its key. */
export interface PeerRequest {
  /** Aborts when nobody waits for the answer any more. */
  readonly signal?: AbortSignal
}

/** A value as it travels between peers: encoded, with the time it has left. */
export interface PeerValue {
  /** The encoded value; neither side changes it after handing it over. */
  readonly bytes: Uint8Array
  /** Milliseconds left to live, never a date: clocks differ. Absent: it does not expire. */
  readonly ttlMs?: number
}
