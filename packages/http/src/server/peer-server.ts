import type { PeerGetter, PeerValue } from '@geecache/core'
import type { Dialect } from '../dialects/dialect.ts'
import type { LoopWatch } from '../loop-watch.ts'
import type { PoolCounters } from '../stats.ts'
import { askType, parseAsk } from '../wire/ask.ts'
import { dropType, parseDrop } from '../wire/drop.ts'
import { echoOf } from '../wire/echo.ts'
import {
  echoHeader,
  onlyIfCached,
  protocolHeader,
  protocolVersion,
  rawType,
  reservationHeader,
  ttlHeader,
} from '../wire/headers.ts'
import { parseMilliseconds } from '../wire/milliseconds.ts'
import { parsePath, type Target } from '../wire/path.ts'
import type { Refusal } from '../wire/refusal.ts'
import { batchReply } from './batch-reply.ts'
import {
  badBody,
  badList,
  badPath,
  badTtl,
  busy,
  groupUnknown,
  leaving,
  methodNotAllowed,
  tooLarge,
  unauthorized,
  versionUnknown,
  wrongType,
} from './refusals.ts'
import { doneReply, type Reply, refusalOf, refusalReply, valueReply, valueTooLarge } from './reply.ts'
import { SecretCheck } from './secret.ts'
import { Wait } from './wait.ts'

/** A request, in the terms of no server in particular. */
export interface Message {
  readonly method: string
  /** As it was sent, a query included. */
  readonly path: string
  header(name: string): string | undefined
  /** The whole body; undefined if it is longer than `maxBytes`. */
  body(maxBytes: number): Promise<Buffer | undefined>
  /** Whether the caller has hung up. */
  readonly isGone: boolean
  /** Aborts when he does; may be made only when it is asked for. */
  readonly signal: AbortSignal
}

export interface PeerServerOptions {
  readonly dialect: Dialect
  readonly basePath: string
  readonly secrets: readonly string[]
  readonly maxValueBytes: number
  readonly maxBodyBytes: number
  readonly maxKeys: number
  readonly maxRequests: number
}

/** A part of {@link Message} that is known to be for a group that is here. */
interface GroupRequest {
  readonly message: Message
  readonly local: Required<PeerGetter>
  readonly group: string
  readonly wait: Wait
}

/** The server side: answers peers from the groups it was given, whatever server they came through. */
export class PeerServer {
  readonly #options: PeerServerOptions
  readonly #secret: SecretCheck
  readonly #counters: PoolCounters
  readonly #watch: LoopWatch
  readonly #groups = new Map<string, Required<PeerGetter>>()
  #running = 0
  #isLeaving = false

  constructor(options: PeerServerOptions, counters: PoolCounters, watch: LoopWatch) {
    this.#options = options
    this.#secret = new SecretCheck(options.secrets)
    this.#counters = counters
    this.#watch = watch
  }

  /** Whether there is a group of that name. */
  has(group: string): boolean {
    return this.#groups.has(group)
  }

  add(group: string, local: Required<PeerGetter>): void {
    this.#groups.set(group, local)
  }

  /** Refuses whatever comes from now on. */
  leave(): void {
    this.#isLeaving = true
  }

  /** Whether a request with that path is for this server. */
  serves(path: string): boolean {
    return path.startsWith(this.#options.basePath)
  }

  /** Answers a request that this server serves. Never rejects. */
  async answer(message: Message): Promise<Reply> {
    // First of all: who does not know the secret learns nothing, and costs little.
    if (!this.#secret.admits(message.header('authorization'))) {
      return this.#refuse(unauthorized, [...hangUp, 'www-authenticate', 'Bearer'])
    }
    if (this.#isLeaving) return this.#refuse(leaving(this.#options.dialect), hangUp)
    if (this.#running >= this.#options.maxRequests) return this.#refuse(busy(this.#options.dialect), hangUp)
    this.#running++
    this.#counters.served++
    const wait = new Wait(message)
    let isRunning = true
    const end = () => {
      if (isRunning) this.#running--
      isRunning = false
      wait.end()
    }
    const reply = await this.#answerWithin(message, wait)
    const { rest } = reply
    if (rest === undefined || wait.isOver) {
      end()
      return reply
    }
    // Whoever has hung up meanwhile may never come for the rest.
    wait.signal.addEventListener('abort', end)
    return { ...reply, rest: (write) => rest(write).finally(end) }
  }

  async #answerWithin(message: Message, wait: Wait): Promise<Reply> {
    // Whoever has given up while this process was away has hung up by now, which is noticed in the loop's next round.
    if (this.#watch.isCatchingUp) {
      await nextRound()
      await nextRound()
    }
    try {
      // Nobody hears this.
      if (wait.isOver) return doneReply()
      return await this.#route(message, wait)
    } catch (error) {
      return refusalReply(refusalOf(error, this.#options.dialect))
    }
  }

  async #route(message: Message, wait: Wait): Promise<Reply> {
    const { basePath, dialect } = this.#options
    const version = message.header(protocolHeader)
    if (version !== undefined && version !== protocolVersion) return refusalReply(versionUnknown)
    const target = parsePath(message.path, basePath, dialect.plusIsSpace)
    if (target === 'malformed') return refusalReply(badPath)
    const { group, key } = target as Target
    if (group === undefined) {
      return message.method === 'GET' ? doneReply() : refusalReply(methodNotAllowed('GET'), ['allow', 'GET'])
    }
    const methods = this.#methodsFor(key)
    if (!methods.includes(message.method)) {
      return refusalReply(methodNotAllowed(methods.join(', ')), ['allow', methods.join(', ')])
    }
    const local = this.#groups.get(group)
    if (local === undefined) return this.#answerForNone(message, group)
    const request = { message, local, group, wait }
    if (key === undefined) return this.#answerGroup(request)
    if (message.method === 'GET') return this.#get(request, key)
    return message.method === 'PUT' ? this.#set(request, key) : this.#delete(request, key)
  }

  #methodsFor(key: string | undefined): readonly string[] {
    if (key === undefined) return ['POST']
    return this.#options.dialect.changes === undefined ? ['GET', 'PUT'] : ['GET', 'PUT', 'DELETE']
  }

  /** A group that is not here holds nothing that could be dropped; all else has to be asked elsewhere. */
  #answerForNone(message: Message, group: string): Reply {
    if (message.method === 'POST' && message.header('content-type') === dropType) return doneReply()
    if (message.method === 'DELETE') return doneReply(200)
    return refusalReply(groupUnknown(this.#options.dialect, group))
  }

  async #get({ message, local, group, wait }: GroupRequest, key: string): Promise<Reply> {
    const fromMemory = message.header('cache-control') === onlyIfCached
    const value = await local.get(group, key, fromMemory ? { onlyIfCached: true } : wait)
    if (value.bytes.length > this.#options.maxValueBytes) return refusalReply(valueTooLarge)
    return valueReply(value, this.#options.dialect, [echoHeader, echoOf(group, key)])
  }

  async #set({ message, local, group }: GroupRequest, key: string): Promise<Reply> {
    const { maxValueBytes, dialect } = this.#options
    const isRaw = message.header('content-type') === rawType
    if (!isRaw && dialect.changes === undefined) return refusalReply(wrongType)
    const body = await message.body(maxValueBytes)
    if (body === undefined) return refusalReply(tooLarge)
    if (!isRaw) return this.#setForeign(local, group, key, body)
    const ttl = message.header(ttlHeader)
    const ttlMs = ttl === undefined ? undefined : parseMilliseconds(ttl)
    if (ttl !== undefined && ttlMs === undefined) return refusalReply(badTtl)
    const value = ttlMs === undefined ? { bytes: body } : { bytes: body, ttlMs }
    await local.set(group, key, value, { reservation: message.header(reservationHeader) })
    return doneReply()
  }

  /** As peers say it that are none of ours. */
  async #setForeign(local: Required<PeerGetter>, group: string, key: string, body: Buffer): Promise<Reply> {
    let value: PeerValue | undefined
    try {
      value = this.#options.dialect.changes?.decodeSet(body)
    } catch {
      // It is no message at all.
    }
    if (value === undefined) return refusalReply(badBody)
    await local.set(group, key, value)
    return doneReply(200)
  }

  /** As peers say it that are none of ours, and know no rounds. */
  async #delete({ local, group }: GroupRequest, key: string): Promise<Reply> {
    await local.remove(group, [key], { round: 1 })
    await local.remove(group, [key], { round: 2 })
    return doneReply(200)
  }

  async #answerGroup(request: GroupRequest): Promise<Reply> {
    const { message, local, group, wait } = request
    const type = message.header('content-type')
    if (type !== askType && type !== dropType) return refusalReply(wrongType)
    const { maxBodyBytes, maxKeys, maxValueBytes, dialect } = this.#options
    const body = await message.body(maxBodyBytes)
    if (body === undefined) return refusalReply(tooLarge)
    if (type === askType) {
      const keys = parseAsk(body.toString(), maxKeys)
      if (keys === undefined) return refusalReply(badList(maxKeys))
      const echo = [echoHeader, echoOf(group, keys[0] as string)]
      return batchReply(local, group, keys, { dialect, echo, wait, maxValueBytes })
    }
    const drop = parseDrop(body.toString())
    if (drop === undefined) return refusalReply(badBody)
    const { round, keys, reservation } = drop
    await (keys === 'all' ? local.clear(group, { round }) : local.remove(group, keys, { round, reservation }))
    return doneReply()
  }

  #refuse(refusal: Refusal, headers: string[] = []): Reply {
    this.#counters.refused++
    return refusalReply(refusal, headers)
  }
}

function nextRound(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

const hangUp = ['connection', 'close']
