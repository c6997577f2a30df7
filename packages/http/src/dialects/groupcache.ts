import { goRing } from '@geecache/consistenthash'
import { type Dialect, usualStatus } from './dialect.ts'
import { decodeGetResponse, encodeGetResponse } from './messages.ts'

/** golang/groupcache: a value is a GetResponse, and nothing is ever taken back. */
export const groupcache: Dialect = {
  basePath: '/_groupcache/',
  ring: goRing,
  valueType: 'application/x-protobuf',
  plusIsSpace: true,
  encodeValue: (value) => encodeGetResponse(value, { withExpiry: false }),
  decodeValue: decodeGetResponse,
  statusOf: usualStatus,
  meaningOf: () => undefined,
  changes: undefined,
}
