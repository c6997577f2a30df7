import { GeeCacheError, NotFoundError } from '@geecache/core'
import { codeHeader } from '../wire/headers.ts'
import { busyCode, fromRefusal } from '../wire/refusal.ts'
import type { PeerLink } from './peer-link.ts'
import type { Answer } from './whole-answer.ts'

/** What a caller gets for an answer that refuses; tells the link what it says about the peer. */
export function judgeRefusal(link: PeerLink, { status, headers, body }: Answer): GeeCacheError {
  const code = String(headers[codeHeader] ?? '')
  const message = body.toString()
  if (!link.isOurs) {
    const meaning = link.options.dialect.meaningOf(status)
    if (meaning !== undefined) {
      link.answered()
      return meaning === 'not-found' ? new NotFoundError(message) : new GeeCacheError(meaning, message)
    }
  }
  const error = fromRefusal(link.url, { status, code, message })
  judge(link, code, status)
  return error
}

/** Tells the link what a refusal says about the peer. */
export function judge(link: PeerLink, code: string, status: number): void {
  if (code === 'closed') link.leaving()
  else if (code === busyCode || code === 'peer-timeout') link.busy()
  // Without our code a proxy may have said it. A peer in Go says 500 of a key that its getter has no value for.
  else if (code === '' && status > 500 && link.options.dialect.meaningOf(status) === undefined) link.busy()
  else if (status === 401) link.failed('refused the secret')
  else link.answered()
}
