import type { PeerGetter, PeerRequest, PeerValue } from '@geecache/core'
import type { Dialect } from '../dialects/dialect.ts'
import { askType, parseAsk } from '../wire/ask.ts'
import { dropType, parseDrop } from '../wire/drop.ts'
import { echoOf } from '../wire/echo.ts'
import { echoHeader, onlyIfCached, rawType, reservationHeader, ttlHeader } from '../wire/headers.ts'
import { parseMilliseconds } from '../wire/milliseconds.ts'
import { batchReply } from './batch-reply.ts'
import type { Message } from './message.ts'
import { PromptAnswer } from './prompt-answer.ts'
import { badBody, badList, badTtl, tooLarge, wrongType } from './refusals.ts'
import { doneReply, type Reply, refusalReply, valueReply, valueTooLarge } from './reply.ts'
import { type Soon, whenReady } from './soon.ts'
import type { Wait } from './wait.ts'

export interface GroupServerOptions {
  readonly dialect: Dialect
  readonly maxValueBytes: number
  readonly maxBodyBytes: number
  readonly maxKeys: number
}

/** Answers what peers ask and tell one group. */
export class GroupServer {
  readonly #name: string
  readonly #local: Required<PeerGetter>
  readonly #options: GroupServerOptions

  constructor(name: string, local: Required<PeerGetter>, options: GroupServerOptions) {
    this.#name = name
    this.#local = local
    this.#options = options
  }

  /**
   * Answers a request of a method that there is, at once if it can; without a key it concerns many. Throws or rejects with
   * what the group fails with.
   */
  answer(message: Message, key: string | undefined, wait: Wait): Soon<Reply> {
    if (key === undefined) return this.#answerMany(message, wait)
    if (message.method === 'GET') return this.#get(message, key, wait)
    return message.method === 'PUT' ? this.#set(message, key) : this.#delete(key)
  }

  #get(message: Message, key: string, wait: Wait): Soon<Reply> {
    const answer = new PromptAnswer()
    this.#local.ask(this.#name, key, answer, requestOf(message, wait))
    return whenReady(answer.take(), (value) => this.#valueReply(key, value))
  }

  #valueReply(key: string, value: PeerValue): Reply {
    const { maxValueBytes, dialect } = this.#options
    if (value.bytes.length > maxValueBytes) return refusalReply(valueTooLarge)
    return valueReply(value, dialect, [echoHeader, echoOf(this.#name, key)])
  }

  async #set(message: Message, key: string): Promise<Reply> {
    const { maxValueBytes, dialect } = this.#options
    const isRaw = message.header('content-type') === rawType
    if (!isRaw && dialect.changes === undefined) return refusalReply(wrongType)
    const body = await message.body(maxValueBytes)
    if (body === undefined) return refusalReply(tooLarge)
    if (!isRaw) return this.#setForeign(key, body)
    const ttl = message.header(ttlHeader)
    const ttlMs = ttl === undefined ? undefined : parseMilliseconds(ttl)
    if (ttl !== undefined && ttlMs === undefined) return refusalReply(badTtl)
    const value = ttlMs === undefined ? { bytes: body } : { bytes: body, ttlMs }
    await this.#local.set(this.#name, key, value, { reservation: message.header(reservationHeader) })
    return doneReply()
  }

  /** As peers say it that are none of ours. */
  async #setForeign(key: string, body: Buffer): Promise<Reply> {
    let value: PeerValue | undefined
    try {
      value = this.#options.dialect.changes?.decodeSet(body)
    } catch {
      // It is no message at all.
    }
    if (value === undefined) return refusalReply(badBody)
    await this.#local.set(this.#name, key, value)
    return doneReply(200)
  }

  /** As peers say it that are none of ours, and know no rounds. */
  async #delete(key: string): Promise<Reply> {
    await this.#local.remove(this.#name, [key], { round: 1 })
    await this.#local.remove(this.#name, [key], { round: 2 })
    return doneReply(200)
  }

  /** What concerns many keys. */
  async #answerMany(message: Message, wait: Wait): Promise<Reply> {
    const type = message.header('content-type')
    if (type !== askType && type !== dropType) return refusalReply(wrongType)
    const body = await message.body(this.#options.maxBodyBytes)
    if (body === undefined) return refusalReply(tooLarge)
    return type === askType ? this.#getMany(message, body, wait) : this.#drop(body)
  }

  #getMany(message: Message, body: Buffer, wait: Wait): Soon<Reply> {
    const { maxKeys, maxValueBytes, dialect } = this.#options
    const keys = parseAsk(body.toString(), maxKeys)
    if (keys === undefined) return refusalReply(badList(maxKeys))
    const echo = [echoHeader, echoOf(this.#name, keys[0] as string)]
    const request = requestOf(message, wait)
    return batchReply(this.#local, this.#name, keys, { dialect, echo, wait, request, maxValueBytes })
  }

  async #drop(body: Buffer): Promise<Reply> {
    const drop = parseDrop(body.toString())
    if (drop === undefined) return refusalReply(badBody)
    const { round, keys, reservation } = drop
    if (keys === 'all') await this.#local.clear(this.#name, { round })
    else await this.#local.remove(this.#name, keys, { round, reservation })
    return doneReply()
  }
}

/** What the group is told of who asks. An answer from memory needs no wait. */
function requestOf(message: Message, wait: Wait): PeerRequest {
  return message.header('cache-control') === onlyIfCached ? { onlyIfCached: true } : wait
}
