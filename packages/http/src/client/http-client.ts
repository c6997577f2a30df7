import {
  GeeCacheError,
  type PeerAnswer,
  type PeerGetter,
  type PeerRequest,
  type PeerValue,
  type RoundRequest,
} from '@geecache/core'
import { type Drop, dropType, splitKeys } from '../wire/drop.ts'
import { rawType, timeoutHeader, ttlHeader } from '../wire/headers.ts'
import { formatMilliseconds } from '../wire/milliseconds.ts'
import { formatGroupPath, formatPath, pathHeaders } from '../wire/path.ts'
import type { Call } from './connections.ts'
import type { Mortal } from './deadlines.ts'
import { Gatherer } from './gatherer.ts'
import { LoneGet } from './lone-get.ts'
import { type LinkContext, type LinkOptions, PeerLink } from './peer-link.ts'
import { PendingGet } from './pending-get.ts'
import { judgeRefusal } from './refused.ts'
import { type Answer, TooLongError, WholeAnswer } from './whole-answer.ts'

/** A remote peer: asks its server over HTTP. */
export class HTTPClient implements PeerGetter {
  /** The peer's base URL. */
  readonly name: string
  readonly #link: PeerLink
  readonly #gatherer: Gatherer | undefined

  constructor(url: string, options: LinkOptions, context: Omit<LinkContext, 'probe'>) {
    this.name = url
    this.#link = new PeerLink(url, options, { ...context, probe: () => this.#answers() })
    this.#gatherer = options.batch && new Gatherer(this.#link, options.batch)
  }

  /** Whether the peer has failed so often that it is left alone for a while. */
  get isOut(): boolean {
    return this.#link.breaker?.isOpen === true
  }

  get(group: string, key: string, request?: PeerRequest): Promise<PeerValue> {
    return new Promise((resolve, reject) => {
      this.ask(group, key, { succeed: resolve, fail: reject }, request)
    })
  }

  ask(group: string, key: string, answer: PeerAnswer, request?: PeerRequest): void {
    const { signal, onlyIfCached = false } = request ?? {}
    const { isOurs } = this.#link
    if (signal?.aborted) {
      answer.fail(signal.reason)
    } else if (onlyIfCached && isOurs !== true) {
      this.#askIfOurs(group, key, answer, request)
    } else {
      const get = new PendingGet(this.#link, { group, key, answer, request })
      if (this.#gatherer === undefined || onlyIfCached || isOurs === false) {
        new LoneGet(this.#link, get, () => {})
      } else {
        this.#gatherer.add(get)
      }
    }
  }

  /** A peer that is none of ours would load what it is only asked for if it has it in memory. */
  #askIfOurs(group: string, key: string, answer: PeerAnswer, request: PeerRequest | undefined): void {
    const known = this.#link.isOurs === undefined ? this.#isOurs(request) : Promise.resolve(false)
    known.then(
      (isOurs) => {
        if (isOurs) return this.ask(group, key, answer, request)
        const message = `peer ${this.name} is none of ours: it can't tell what it has`
        return answer.fail(new GeeCacheError('not-cached', message))
      },
      (error) => answer.fail(error),
    )
  }

  async set(group: string, key: string, value: PeerValue, request?: PeerRequest): Promise<void> {
    const path = formatPath(this.#link.options.basePath, group, key)
    if (await this.#isOurs(request)) {
      const headers = ['content-type', rawType, ...pathHeaders(path, group, key)]
      if (value.ttlMs !== undefined) headers.push(ttlHeader, formatMilliseconds(value.ttlMs))
      await this.#tell({ method: 'PUT', path, headers, body: value.bytes }, 204, request)
      return
    }
    const { changes } = this.#link.options.dialect
    if (changes === undefined) throw this.#cannotBeTold()
    const body = changes.encodeSet(group, key, value)
    await this.#tell({ method: 'PUT', path, headers: [], body }, 200, request)
  }

  async remove(group: string, keys: readonly string[], request: RoundRequest): Promise<void> {
    if (await this.#isOurs(request)) {
      for (const some of splitKeys(keys, this.#link.options.maxBodyBytes / 2)) {
        await this.#drop(group, { round: request.round, keys: some }, request)
      }
      return
    }
    if (this.#link.options.dialect.changes === undefined) throw this.#cannotBeTold()
    const remove = (key: string) => {
      const path = formatPath(this.#link.options.basePath, group, key)
      return this.#tell({ method: 'DELETE', path, headers: [] }, 200, request)
    }
    await Promise.all(keys.map(remove))
  }

  async clear(group: string, request: RoundRequest): Promise<void> {
    if (!(await this.#isOurs(request))) throw this.#cannotBeTold()
    await this.#drop(group, { round: request.round, keys: 'all' }, request)
  }

  /** Ends when running requests have. */
  async close(): Promise<void> {
    await this.#link.close()
  }

  /** Ends at once. */
  async destroy(): Promise<void> {
    await this.#link.destroy()
  }

  async #drop(group: string, drop: Drop, request: PeerRequest): Promise<void> {
    const path = formatGroupPath(this.#link.options.basePath, group)
    const headers = ['content-type', dropType]
    await this.#tell({ method: 'POST', path, headers, body: JSON.stringify(drop) }, 204, request)
  }

  /** Whether the peer is one of ours; asks it unless that is known: what was not may have become one. */
  async #isOurs(request: PeerRequest | undefined): Promise<boolean> {
    if (this.#link.isOurs !== true) await this.#ask(this.#probe, request)
    return this.#link.isOurs === true
  }

  /** Whether the peer answers at all, and is not about to leave. */
  async #answers(): Promise<boolean> {
    try {
      const { status } = await this.#ask(this.#probe, undefined)
      return status === 204 || (!this.#link.isOurs && status < 500)
    } catch {
      return false
    }
  }

  get #probe(): Call {
    return { method: 'GET', path: this.#link.options.basePath, headers: [] }
  }

  #cannotBeTold(): GeeCacheError {
    return this.#link.error('is none of ours: it has no way to be told')
  }

  /** Sends a request that is answered with `status`; rejects for any other. */
  async #tell(call: Call, status: number, request: PeerRequest | undefined): Promise<void> {
    const answer = await this.#ask(call, request)
    if (answer.status !== status) throw judgeRefusal(this.#link, answer)
    this.#link.answered()
  }

  /** Sends a request and reads the whole answer, whatever it says, within the deadline. */
  #ask(call: Call, request: PeerRequest | undefined): Promise<Answer> {
    const link = this.#link
    const signal = request?.signal
    const deadlines = request?.onlyIfCached ? link.handoverDeadlines : link.deadlines
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const settle = (outcome: () => void) => {
        deadlines.delete(mortal)
        signal?.removeEventListener('abort', leave)
        outcome()
      }
      const askedAt = performance.now()
      const mortal: Mortal = {
        deadlineMs: 0,
        earlier: undefined,
        later: undefined,
        expire: () => {
          end()
          settle(() => reject(link.late(deadlines, askedAt)))
        },
      }
      const leave = () => {
        end()
        settle(() => reject(signal?.reason))
      }
      const receiver = new WholeAnswer(link.options.maxValueBytes, (outcome) => {
        settle(() => {
          if (outcome instanceof TooLongError) {
            reject(link.error(outcome.message, outcome))
            return
          }
          if (outcome instanceof Error) {
            reject(link.failed(`could not be asked: ${outcome.message}`, outcome))
            return
          }
          link.recognize(outcome.headers)
          resolve(outcome)
        })
      })
      deadlines.add(mortal)
      signal?.addEventListener('abort', leave)
      const timeout = [timeoutHeader, String(deadlines.leftMs(mortal))]
      const headers = [...link.headers, ...timeout, ...call.headers]
      const end = link.connections.send({ ...call, headers }, receiver)
    })
  }
}
