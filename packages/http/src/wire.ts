import { GeeCacheError, type GeeCacheErrorCode, NotFoundError, type Round } from '@geecache/core'

/**
 * What peers tell each other beyond bytes: header names, and how errors travel. A peer in Go sends and
 * expects none of it, and is understood without.
 */

/** Milliseconds the value has left to live, whole, rounded down; absent: it does not expire. */
export const ttlHeader = 'geecache-ttl-ms'

/** How many requests a second the owner has had for this key of late, from all peers together. */
export const qpsHeader = 'geecache-qps'

/** Why there is no value; the body is the message. */
export const codeHeader = 'geecache-code'

/** What a server says when no value comes back. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
}

/** What a POST to a group asks: to drop keys, in one of the two rounds of a removal. */
export interface Drop {
  readonly round: Round
  readonly keys: readonly string[] | 'all'
}

/**
 * The media type of a {@link Drop}: one of its own, so that no web page can send it unasked, and no body parser of the
 * application takes it.
 */
export const dropType = 'application/vnd.geecache.drop+json'

/** Bytes of a {@link Drop} at most. */
export const longestDrop: number = 8 * 2 ** 20

/** Reads a {@link Drop}; undefined if it is none. */
export function parseDrop(body: string): Drop | undefined {
  try {
    const { round, keys } = JSON.parse(body) as Record<string, unknown>
    if (round !== 1 && round !== 2) return undefined
    if (keys === 'all') return { round, keys }
    if (Array.isArray(keys) && keys.every((key) => typeof key === 'string')) return { round, keys }
  } catch {
    // Not JSON, or null.
  }
  return undefined
}

/** The media type of a value in raw bytes. */
export const valueType = 'application/octet-stream'

/** Characters of a message that cross the network at most, for it may quote anything. */
export const longestMessage = 1000

const statuses: Partial<Record<GeeCacheErrorCode, number>> = {
  'not-found': 404,
  'group-unknown': 404,
  'invalid-key': 400,
  'load-failed': 500,
  'load-timeout': 504,
  'codec-failed': 500,
  overloaded: 503,
  closed: 503,
}

/** How a server refuses after `error`. Only what Geecache says itself leaves the process, never a stack. */
export function toRefusal(error: GeeCacheError): Refusal {
  return {
    status: statuses[error.code] ?? 500,
    code: error.code,
    message: error.message.slice(0, longestMessage),
  }
}

/**
 * What a client makes of an answer that holds no value. `not-found`, `load-failed`, `load-timeout` and `codec-failed`
 * are the origin's word and keep their code. All else, and any status without our code (a proxy answers 404 and 503 as
 * well), only says that this peer did not answer.
 */
export function fromRefusal(peer: string, refusal: Refusal): GeeCacheError {
  const { status, code, message } = refusal
  if (code === 'not-found') return new NotFoundError(message)
  if (code === 'load-failed' || code === 'load-timeout' || code === 'codec-failed') {
    return new GeeCacheError(code, message)
  }
  const said = [code, message].filter((part) => part !== '').join(': ')
  return new GeeCacheError('peer-failed', `peer ${peer} answered ${status} ${said}`.trimEnd())
}
