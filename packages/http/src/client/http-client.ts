import {
  GeeCacheError,
  type PeerAnswer,
  type PeerGetter,
  type PeerRequest,
  type PeerValue,
  type RoundRequest,
  type SetRequest,
} from '@geecache/core'
import { type Drop, dropType, splitKeys } from '../wire/drop.ts'
import { rawType, reservationHeader, ttlHeader } from '../wire/headers.ts'
import { formatMilliseconds } from '../wire/milliseconds.ts'
import { formatGroupPath, formatPath, pathHeaders } from '../wire/path.ts'
import type { Call } from './connections.ts'
import { Gatherer } from './gatherer.ts'
import { inquire } from './inquiry.ts'
import { LoneGet } from './lone-get.ts'
import { type LinkContext, type LinkOptions, PeerLink } from './peer-link.ts'
import { PendingGet } from './pending-get.ts'
import { judgeRefusal } from './refused.ts'

/** A remote peer: asks its server over HTTP. */
export class HTTPClient implements PeerGetter {
  /** The peer's base URL. */
  readonly name: string
  readonly #link: PeerLink
  readonly #gets: Gatherer | undefined
  /** Of gets that ask for what is in memory only, which is said of a request as a whole. */
  readonly #handOvers: Gatherer | undefined
  #recognizing: Promise<unknown> | undefined

  constructor(url: string, options: LinkOptions, context: Omit<LinkContext, 'probe'>) {
    this.name = url
    this.#link = new PeerLink(url, options, { ...context, probe: () => this.#answers() })
    this.#gets = options.batch && new Gatherer(this.#link, options.batch)
    this.#handOvers = options.batch && new Gatherer(this.#link, options.batch)
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
    } else if (!group.isWellFormed() || !key.isWellFormed()) {
      // No path can hold it. A group has checked that; but this may be called without one.
      answer.fail(new GeeCacheError('invalid-key', 'group and key must not hold a lone surrogate'))
    } else if (onlyIfCached && isOurs !== true) {
      this.#askIfOurs(group, key, answer, request)
    } else {
      const get = new PendingGet(this.#link, { group, key, answer, request })
      const gatherer = isOurs === false ? undefined : onlyIfCached ? this.#handOvers : this.#gets
      if (gatherer === undefined) new LoneGet(this.#link, get, () => {})
      else gatherer.add(get)
    }
  }

  /** A peer that is none of ours would load what it is only asked for if it has it in memory. */
  #askIfOurs(group: string, key: string, answer: PeerAnswer, request: PeerRequest | undefined): void {
    const recognition = this.#link.isOurs === undefined ? this.#recognition() : Promise.resolve()
    recognition.then(
      () => {
        if (this.#link.isOurs === true) return this.ask(group, key, answer, request)
        const message = `peer ${this.name} is none of ours: it can't tell what it has`
        return answer.fail(new GeeCacheError('not-cached', message))
      },
      (error) => answer.fail(error),
    )
  }

  /** One probe, however many want to know at a time what the peer is: a process that starts asks for many keys at once. */
  #recognition(): Promise<unknown> {
    this.#recognizing ??= inquire(this.#link, this.#probe, { onlyIfCached: true }).finally(() => {
      this.#recognizing = undefined
    })
    return this.#recognizing
  }

  async set(group: string, key: string, value: PeerValue, request?: SetRequest): Promise<void> {
    const path = formatPath(this.#link.options.basePath, group, key)
    if (await this.#isOurs(request)) {
      const headers = ['content-type', rawType, ...pathHeaders(path, group, key)]
      if (value.ttlMs !== undefined) headers.push(ttlHeader, formatMilliseconds(value.ttlMs))
      if (request?.reservation !== undefined) headers.push(reservationHeader, request.reservation)
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
        const { round, reservation } = request
        await this.#drop(group, { round, keys: some, reservation }, request)
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
    if (this.#link.isOurs !== true) await inquire(this.#link, this.#probe, request)
    return this.#link.isOurs === true
  }

  /** Whether the peer answers at all, and is not about to leave. */
  async #answers(): Promise<boolean> {
    try {
      const { status } = await inquire(this.#link, this.#probe, undefined)
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
    const answer = await inquire(this.#link, call, request)
    if (answer.status !== status) throw judgeRefusal(this.#link, answer)
    this.#link.answered()
  }
}
