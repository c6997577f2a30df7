import type { PeerGetter } from '@geecache/core'
import type { Dialect } from '../dialects/dialect.ts'
import type { LoopWatch } from '../loop-watch.ts'
import type { PoolCounters } from '../stats.ts'
import { dropType } from '../wire/drop.ts'
import { protocolHeader, protocolVersion } from '../wire/headers.ts'
import { parsePath, type Target } from '../wire/path.ts'
import type { Refusal } from '../wire/refusal.ts'
import { GroupServer, type GroupServerOptions } from './group-server.ts'
import type { Message } from './message.ts'
import {
  badPath,
  busy,
  groupUnknown,
  leaving,
  methodNotAllowed,
  unauthorized,
  versionUnknown,
} from './refusals.ts'
import { doneReply, hangUp, type Reply, refusalOf, refusalReply } from './reply.ts'
import { SecretCheck } from './secret.ts'
import { isPromise, type Soon, whenReady } from './soon.ts'
import { Wait } from './wait.ts'

export interface PeerServerOptions extends GroupServerOptions {
  readonly basePath: string
  readonly secrets: readonly string[]
  readonly maxRequests: number
}

/** The server side: lets peers in, and finds the group that they ask, whatever server they came through. */
export class PeerServer {
  readonly #options: PeerServerOptions
  readonly #secret: SecretCheck
  readonly #counters: PoolCounters
  readonly #watch: LoopWatch
  readonly #groups = new Map<string, GroupServer>()
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
    this.#groups.set(group, new GroupServer(group, local, this.#options))
  }

  /** Refuses whatever comes from now on. */
  leave(): void {
    this.#isLeaving = true
  }

  /** Whether a request with that path is for this server. */
  serves(path: string): boolean {
    return path.startsWith(this.#options.basePath)
  }

  /** Answers a request that this server serves, at once if it can. Neither throws nor rejects. */
  answer(message: Message): Soon<Reply> {
    // First of all: who does not know the secret learns nothing, and costs little.
    if (!this.#secret.admits(message.header('authorization'))) {
      return this.#refuse(unauthorized, [...hangUp, 'www-authenticate', 'Bearer'])
    }
    if (this.#isLeaving) return this.#refuse(leaving(this.#options.dialect), hangUp)
    if (this.#running >= this.#options.maxRequests) return this.#refuse(busy(this.#options.dialect), hangUp)
    this.#running++
    this.#counters.served++
    const wait = new Wait(message)
    const reply = this.#watch.isCatchingUp
      ? this.#answerLater(message, wait)
      : this.#answerWithin(message, wait)
    return whenReady(reply, (made) => this.#followed(made, wait))
  }

  /** Whoever has given up while this process was away has hung up by now, which is noticed in the loop's next round. */
  async #answerLater(message: Message, wait: Wait): Promise<Reply> {
    await nextRound()
    await nextRound()
    return this.#answerWithin(message, wait)
  }

  #answerWithin(message: Message, wait: Wait): Soon<Reply> {
    try {
      // Nobody hears this.
      if (wait.isOver) return doneReply()
      const reply = this.#route(message, wait)
      return isPromise(reply) ? reply.catch((error) => this.#refuseAfter(error)) : reply
    } catch (error) {
      return this.#refuseAfter(error)
    }
  }

  #refuseAfter(error: unknown): Reply {
    return refusalReply(refusalOf(error, this.#options.dialect))
  }

  /** Counts a request as running until all of the reply is written, or nobody waits for the rest. */
  #followed(reply: Reply, wait: Wait): Reply {
    const { rest } = reply
    let isRunning = true
    const end = () => {
      if (isRunning) this.#running--
      isRunning = false
      wait.end()
    }
    if (rest === undefined || wait.signal.aborted) {
      end()
      return reply
    }
    // Whoever has hung up meanwhile may never come for the rest.
    wait.signal.addEventListener('abort', end)
    return { ...reply, rest: (write) => rest(write).finally(end) }
  }

  #route(message: Message, wait: Wait): Soon<Reply> {
    const { basePath, dialect } = this.#options
    const version = message.header(protocolHeader)
    if (version !== undefined && version !== protocolVersion) return refusalReply(versionUnknown)
    const target = parsePath(message.path, basePath, dialect.plusIsSpace)
    if (target === 'malformed') return refusalReply(badPath)
    const { group, key } = target as Target
    if (group === undefined) {
      return message.method === 'GET' ? doneReply() : refusalReply(methodNotAllowed('GET'), ['allow', 'GET'])
    }
    const methods = methodsFor(key, dialect)
    if (!methods.includes(message.method)) {
      return refusalReply(methodNotAllowed(methods.join(', ')), ['allow', methods.join(', ')])
    }
    const server = this.#groups.get(group)
    return server === undefined ? this.#answerForNone(message, group) : server.answer(message, key, wait)
  }

  /** A group that is not here holds nothing that could be dropped; all else has to be asked elsewhere. */
  #answerForNone(message: Message, group: string): Reply {
    if (message.method === 'POST' && message.header('content-type') === dropType) return doneReply()
    if (message.method === 'DELETE') return doneReply(200)
    return refusalReply(groupUnknown(this.#options.dialect, group))
  }

  #refuse(refusal: Refusal, headers: string[] = []): Reply {
    this.#counters.refused++
    return refusalReply(refusal, headers)
  }
}

function methodsFor(key: string | undefined, { changes }: Dialect): readonly string[] {
  if (key === undefined) return ['POST']
  return changes === undefined ? ['GET', 'PUT'] : ['GET', 'PUT', 'DELETE']
}

function nextRound(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
