import type { IncomingHttpHeaders } from 'node:http'
import type { PeerValue } from '@geecache/core'
import { echoOf } from '../wire/echo.ts'
import { echoHeader, onlyIfCached, qpsHeader, timeoutHeader, ttlHeader } from '../wire/headers.ts'
import { parseMilliseconds } from '../wire/milliseconds.ts'
import { formatPath, pathHeaders } from '../wire/path.ts'
import type { Sent } from './connections.ts'
import type { PeerLink } from './peer-link.ts'
import type { Carrier, PendingGet } from './pending-get.ts'
import { judgeRefusal } from './refused.ts'
import { type Answer, TooLongError, WholeAnswer } from './whole-answer.ts'

/** Carries one get in a GET, which every peer of every family understands. */
export class LoneGet implements Carrier {
  readonly #link: PeerLink
  readonly #get: PendingGet
  /** Undefined while it is being sent: if that fails at once, callers may leave meanwhile. */
  readonly #sent: Sent | undefined
  readonly #landed: () => void

  /** Sets out at once; calls `landed` when its connection is free again. */
  constructor(link: PeerLink, get: PendingGet, landed: () => void) {
    this.#link = link
    this.#get = get
    this.#landed = landed
    get.carrier = this
    link.counters.gets++
    const { basePath, maxValueBytes } = link.options
    const path = formatPath(basePath, get.group, get.key)
    const leftMs = get.deadlines.leftMs(get)
    const headers = [...link.headers, timeoutHeader, String(leftMs), ...pathHeaders(path, get.group, get.key)]
    if (get.onlyIfCached) headers.push('cache-control', onlyIfCached)
    const receiver = new WholeAnswer(maxValueBytes, (outcome) => this.#land(outcome))
    this.#sent = link.connections.send({ method: 'GET', path, headers }, receiver)
  }

  leave(): void {
    this.#sent?.leave()
    this.#landed()
  }

  #land(outcome: Answer | Error): void {
    this.#landed()
    if (this.#get.isSettled) return
    try {
      this.#get.succeed(this.#read(outcome))
    } catch (error) {
      this.#get.fail(error)
    }
  }

  #read(outcome: Answer | Error): PeerValue {
    const link = this.#link
    if (outcome instanceof TooLongError) throw link.error(outcome.message, outcome)
    if (outcome instanceof Error) throw link.failed(`could not be asked: ${outcome.message}`, outcome)
    const { status, headers, body } = outcome
    link.recognize(headers)
    if (status !== 200) throw judgeRefusal(link, outcome)
    const complaint = this.#complaintAbout(headers)
    if (complaint !== undefined) throw link.failed(complaint)
    const { dialect } = link.options
    let value: PeerValue
    try {
      value = dialect.decodeValue(body)
    } catch (error) {
      throw link.failed(`answered with no value: ${(error as Error).message}`, error)
    }
    link.answered()
    link.meanValueBytes += (body.length - link.meanValueBytes) / 16
    return { bytes: value.bytes, ttlMs: ttlIn(headers) ?? value.ttlMs, qps: qpsIn(headers) ?? value.qps }
  }

  /** What is wrong with the headers of a 200: some other service may be listening at the peer's address. */
  #complaintAbout(headers: IncomingHttpHeaders): string | undefined {
    const { valueType } = this.#link.options.dialect
    const type = headers['content-type']
    if (type !== valueType) return `answered with ${type}, not ${valueType}`
    const encoding = headers['content-encoding']
    if (encoding !== undefined) return `answered in ${encoding} encoding`
    // Such a body ends where the connection does, and might be cut anywhere.
    if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
      return 'answered without saying how long its value is'
    }
    const echo = headers[echoHeader]
    if (echo !== undefined && echo !== echoOf(this.#get.group, this.#get.key)) {
      return 'answered for another key'
    }
    const ttl = headers[ttlHeader] as string | undefined
    if (ttl !== undefined && parseMilliseconds(ttl) === undefined) {
      return `answered with ${JSON.stringify(ttl.slice(0, 100))} for a time to live`
    }
    return undefined
  }
}

/** What our own peers say of a value's life in the headers; others may say it in their messages. */
function ttlIn(headers: IncomingHttpHeaders): number | undefined {
  const ttl = headers[ttlHeader] as string | undefined
  return ttl === undefined ? undefined : parseMilliseconds(ttl)
}

/** What our own peers say of how often they are asked. */
function qpsIn(headers: IncomingHttpHeaders): number | undefined {
  const qps = Number(headers[qpsHeader] ?? Number.NaN)
  return qps >= 0 && qps < Number.POSITIVE_INFINITY ? qps : undefined
}
