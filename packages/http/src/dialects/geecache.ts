import { rawType } from '../wire/headers.ts'
import { type Dialect, usualStatus } from './dialect.ts'

/** Our own, and that of GeeCache in Go (days 3 to 6 of the tutorial): a value is its bytes. */
export const geecache: Dialect = {
  basePath: '/_geecache/',
  ring: undefined,
  valueType: rawType,
  plusIsSpace: true,
  encodeValue: ({ bytes }) => bytes,
  decodeValue: (bytes) => ({ bytes }),
  statusOf: usualStatus,
  meaningOf: () => undefined,
  changes: undefined,
}
