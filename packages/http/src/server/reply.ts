import { isGeeCacheError, type PeerValue } from '@geecache/core'
import type { Dialect } from '../dialects/dialect.ts'
import { codeHeader, protocolHeader, protocolVersion, qpsHeader, ttlHeader } from '../wire/headers.ts'
import { formatMilliseconds } from '../wire/milliseconds.ts'
import { type Refusal, toRefusal } from '../wire/refusal.ts'

/** Takes a piece of a body; what it returns resolves when there is room for more. */
export type Write = (chunk: Uint8Array) => Promise<void> | undefined

/** An answer, in the terms of no server in particular. */
export interface Reply {
  readonly status: number
  /** Names and values in turn. */
  readonly headers: string[]
  /** What is there of the body: all of it, unless there is a `rest`. */
  readonly body: readonly Uint8Array[]
  /** Writes what is yet to come of the body; resolves when that is all, or nobody wants it any more. */
  readonly rest?: (write: Write) => Promise<void>
}

const protocol = [protocolHeader, protocolVersion]

/** There is a value. */
export function valueReply(value: PeerValue, dialect: Dialect, echo: string[]): Reply {
  const body = dialect.encodeValue(value)
  const headers = [
    ...protocol,
    ...echo,
    'content-type',
    dialect.valueType,
    'content-length',
    `${body.length}`,
  ]
  if (value.ttlMs !== undefined) headers.push(ttlHeader, formatMilliseconds(value.ttlMs))
  if (value.qps !== undefined) headers.push(qpsHeader, value.qps.toFixed(2))
  return { status: 200, headers, body: [body] }
}

/** There are answers of a type of ours, in a body that is complete, or goes on. */
export function bodyReply(
  type: string,
  echo: string[],
  body: readonly Uint8Array[],
  rest?: (write: Write) => Promise<void>,
): Reply {
  const headers = [...protocol, ...echo, 'content-type', type]
  if (rest !== undefined) return { status: 200, headers, body, rest }
  const length = body.reduce((sum, chunk) => sum + chunk.length, 0)
  return { status: 200, headers: [...headers, 'content-length', `${length}`], body }
}

/** What was told is so. */
export function doneReply(status: 200 | 204 = 204): Reply {
  const length = status === 204 ? [] : ['content-length', '0']
  return { status, headers: [...protocol, ...length], body: [] }
}

/** Headers of the last answer on a connection. */
export const hangUp: string[] = ['connection', 'close']

/** There is no value, and this is why. */
export function refusalReply(refusal: Refusal, headers: string[] = []): Reply {
  const body = Buffer.from(refusal.message)
  const type = ['content-type', 'text/plain; charset=utf-8', 'content-length', `${body.length}`]
  return {
    status: refusal.status,
    headers: [...protocol, ...type, codeHeader, refusal.code, ...headers],
    body: [body],
  }
}

/** What is said of a value that no peer would take; the one who asked may make do with it. */
export const valueTooLarge: Refusal = { status: 500, code: 'too-large', message: 'the value is too large' }

/** What is said of an error. */
export function refusalOf(error: unknown, dialect: Dialect): Refusal {
  if (!isGeeCacheError(error)) {
    return { status: 500, code: 'internal', message: 'the group failed in a way it should not' }
  }
  // Who is told `closed` leaves the whole peer alone: not for a group that is, while others are served.
  const code = error.code === 'closed' ? 'group-unknown' : error.code
  return { ...toRefusal(error, dialect.statusOf(code)), code }
}
