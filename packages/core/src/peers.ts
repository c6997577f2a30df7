/**
 * What a group knows of its peers: someone who picks the owner of a key, and a way to ask it. A transport
 * implements both; `Group.local` is a {@link PeerGetter} as well, which the transport's server calls.
 */

/** Picks the peer that owns a key. */
export interface PeerPicker {
  /**
   * The peer to ask for `key`: its owner, or whoever stands in while the owner can't be reached; undefined when that is
   * this process. `failed` are peers that have just failed for this key, to be passed over. A picker that knows no
   * substitute may ignore them, for a peer that has failed is not asked again.
   */
  pickPeer(key: string, failed?: ReadonlySet<PeerGetter>): PeerGetter | undefined
  /**
   * Whether this process is the true owner of `key`, whoever can be reached at present. What it loads for other keys, it
   * keeps as a guest. Default: whether `pickPeer` names no peer.
   */
  owns?(key: string): boolean
  /**
   * The peer that owned `key` before this process did, and may have its value in memory: it is asked for that before the
   * getter is called. Default: nobody.
   */
  previousOwner?(key: string): PeerGetter | undefined
  /** Every other peer: who is told of removals. Each is the same object as long as it is a peer. */
  peers?(): Iterable<PeerGetter>
}

/** A peer, near or far. */
export interface PeerGetter {
  /**
   * What errors call it, such as its URL; no two peers of a group have the same. (`Group.local` has none of its own: its
   * transport gives it one.)
   */
  readonly name: string
  /**
   * The value of `key` in the group named `group`, from that peer's memory or its getter.
   *
   * Rejects with a GeeCacheError `not-found`, `load-failed`, `load-timeout` or `codec-failed` when the origin said
   * no, which is final; with `peer-timeout` when it did not answer in time, after which the caller's process handles
   * the key itself; with anything else when it could not be asked, after which another peer may be.
   */
  get(group: string, key: string, request?: PeerRequest): Promise<PeerValue>
  /**
   * As `get`, and tells `answer` what comes of it instead of promising it: for a transport that has many answers at a time,
   * a promise for each would cost more than all the rest. May answer before it returns; never throws.
   */
  ask?(group: string, key: string, answer: PeerAnswer, request?: PeerRequest): void
  /**
   * Makes `value` the value of `key` at this peer, in place of whatever it has or is loading; with a reservation, only if
   * that still stands.
   */
  set?(group: string, key: string, value: PeerValue, request?: SetRequest): Promise<void>
  /** Has this peer drop what it holds of `keys`, and not keep what is on its way, as far as the round says. */
  remove?(group: string, keys: readonly string[], request: RoundRequest): Promise<void>
  /** As `remove`, for all keys. */
  clear?(group: string, request: RoundRequest): Promise<void>
}

/** Who waits for the answer to one get: exactly one of the two is called, once. */
export interface PeerAnswer {
  succeed(value: PeerValue): void
  /** With what the promise of `get` would reject with. */
  fail(error: unknown): void
}

/** What a request to a peer carries besides its key. */
export interface PeerRequest {
  /** Aborts when nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined
  /**
   * Asks a get for what the peer has loaded itself and has in memory, fresh; it neither loads nor waits, and rejects with
   * GeeCacheError `not-cached` if it has no such thing. Default: false.
   */
  readonly onlyIfCached?: boolean | undefined
}

/**
 * Which of the two rounds of a removal this is.
 *
 * In the first, a peer drops everything it holds of the keys, and will not keep what it is loading or fetching. When all
 * peers have answered, none can give an old value to another any more. In the second, it drops the copies that it
 * fetched meanwhile, perhaps from a peer that had not been told yet, and will not keep what it is fetching still.
 */
export type Round = 1 | 2

/** What a request that drops keys carries. */
export interface RoundRequest extends PeerRequest {
  readonly round: Round
  /**
   * In the first round, and of one key: the name of the set that this belongs to, and that will bring a value under it. It
   * stands until another change of the key comes in, so that a set which arrives too late changes nothing.
   */
  readonly reservation?: string | undefined
}

/** What a request that sets a key carries. */
export interface SetRequest extends PeerRequest {
  /** What the first round has reserved for this set. Default: the value is taken in any case. */
  readonly reservation?: string | undefined
}

/** A value as it travels between peers: encoded, with the time it has left. */
export interface PeerValue {
  /** The encoded value; neither side changes it after handing it over. */
  readonly bytes: Uint8Array
  /** Milliseconds left to live, never a date: clocks differ. 0 for a stale value; absent if it does not expire. */
  readonly ttlMs?: number | undefined
  /** How many requests a second the owner has had for this key of late, from all peers together. */
  readonly qps?: number | undefined
}
