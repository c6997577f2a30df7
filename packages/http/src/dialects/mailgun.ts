import { mailgunRing } from '@geecache/consistenthash'
import type { GeeCacheErrorCode } from '@geecache/core'
import { type Dialect, usualStatus } from './dialect.ts'
import { decodeGetResponse, decodeSetRequest, encodeGetResponse, encodeSetRequest } from './messages.ts'

/**
 * mailgun/groupcache, version 2: values expire, and keys are set with PUT and removed with DELETE.
 *
 * Its clients take 404 and 503 for the origin's word, so that a peer which only can't answer must say something else.
 */
export const mailgun: Dialect = {
  basePath: '/_groupcache/',
  ring: mailgunRing,
  valueType: 'application/x-protobuf',
  plusIsSpace: false,
  encodeValue: (value) => encodeGetResponse(value, { withExpiry: true }),
  decodeValue: decodeGetResponse,
  statusOf: (code) => statuses[code] ?? usualStatus(code),
  meaningOf: (status) => meanings[status],
  changes: { encodeSet: encodeSetRequest, decodeSet: decodeSetRequest },
}

const statuses: Partial<Record<GeeCacheErrorCode, number>> = {
  'load-failed': 503,
  'load-timeout': 503,
  'codec-failed': 503,
  'not-cached': 504,
  'group-unknown': 501,
  overloaded: 429,
  closed: 502,
}

const meanings: Record<number, 'not-found' | 'load-failed' | undefined> = {
  404: 'not-found',
  503: 'load-failed',
}
