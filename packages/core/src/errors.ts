/** Every way in which Geecache fails; the README of `@geecache/core` says what each one means. */
export type GeeCacheErrorCode =
  | 'invalid-option'
  | 'invalid-key'
  | 'not-found'
  | 'load-failed'
  | 'load-timeout'
  | 'overloaded'
  | 'codec-failed'
  | 'remove-incomplete'
  | 'group-unknown'
  | 'peer-failed'
  | 'peer-timeout'
  | 'not-cached'
  | 'closed'

// Registered, so that two copies of this package in one process recognise each other's errors.
const brand: unique symbol = Symbol.for('@geecache/core/error') as never

/**
 * The error of everything that Geecache itself reports. Tell kinds apart by `code`, through
 * {@link isGeeCacheError}; `cause` is what was thrown underneath, where there was something.
 */
export class GeeCacheError extends Error {
  override readonly name: string = 'GeeCacheError'
  readonly code: GeeCacheErrorCode

  constructor(code: GeeCacheErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    Object.defineProperty(this, brand, { value: true })
  }
}

/**
 * The answer that a key has no value: throw it from a getter (or return undefined). It reaches the caller
 * as it is, also from another peer, and no other peer is asked after it.
 */
export class NotFoundError extends GeeCacheError {
  override readonly name: string = 'NotFoundError'

  constructor(message: string, options?: ErrorOptions) {
    super('not-found', message, options)
  }
}

/**
 * A remove, set or clear of which some peers could not be told. The other copies are gone, this process's own
 * included, and these peers are told again in the background; until then they may answer with what they have.
 */
export class RemoveIncompleteError extends GeeCacheError {
  override readonly name: string = 'RemoveIncompleteError'
  /** The names of the peers that were not told. */
  readonly peers: readonly string[]

  constructor(message: string, peers: readonly string[], options?: ErrorOptions) {
    super('remove-incomplete', message, options)
    this.peers = peers
  }
}

/** Whether `error` came from Geecache, and with that `code` if one is given. */
export function isGeeCacheError(error: unknown, code?: GeeCacheErrorCode): error is GeeCacheError {
  if (typeof error !== 'object' || error === null || !(brand in error)) return false
  return code === undefined || ('code' in error && error.code === code)
}

/**
 * Whether the origin itself said no. Such an answer is final wherever it comes from: asking the origin again,
 * from here, would double its load just when it fails.
 */
export function isOriginError(error: unknown): error is GeeCacheError {
  const codes: readonly GeeCacheErrorCode[] = ['not-found', 'load-failed', 'load-timeout', 'codec-failed']
  return isGeeCacheError(error) && codes.includes(error.code)
}
