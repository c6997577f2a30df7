import { GeeCacheError, type GeeCacheErrorCode, isOriginError, NotFoundError } from '@geecache/core'

/** What a server says when no value comes back. */
export interface Refusal {
  readonly status: number
  /** A code of GeeCacheError, or one of the transport's own; empty if the server is none of ours. */
  readonly code: string
  readonly message: string
}

/** The code of a server that has as many requests under way as it takes. */
export const busyCode = 'busy'

/** Characters of a message that cross the network at most, for it may quote anything. */
export const longestMessage = 1000

/** How a server refuses after `error`. Only what Geecache says itself leaves the process, never a stack. */
export function toRefusal(error: GeeCacheError, status: number): Refusal {
  return { status, code: error.code, message: String(error.message).slice(0, longestMessage) }
}

/**
 * What a client makes of a refusal. `not-found`, `load-failed`, `load-timeout` and `codec-failed` are the origin's word
 * and keep their code. So do `not-cached`, which answers a question about memory alone, and `peer-timeout`, of a peer
 * whose clock was the first to say that the time is over. All else, and any status without our code (a proxy answers
 * 404 and 503 as well), only says that this peer did not answer.
 */
export function fromRefusal(peer: string, refusal: Refusal): GeeCacheError {
  const { status, code, message } = refusal
  if (code === 'not-found') return new NotFoundError(message)
  const kept = new GeeCacheError(code as GeeCacheErrorCode, message)
  if (isOriginError(kept) || code === 'not-cached' || code === 'peer-timeout') return kept
  const said = [code, message].filter((part) => part !== '').join(': ')
  return new GeeCacheError('peer-failed', `peer ${peer} answered ${status} ${said}`.trimEnd())
}
