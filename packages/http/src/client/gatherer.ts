import { BatchGet, type BatchSender } from './batch-get.ts'
import { LoneGet } from './lone-get.ts'
import type { PeerLink } from './peer-link.ts'
import type { PendingGet } from './pending-get.ts'

/** How gets are gathered. */
export interface GathererOptions {
  /** Keys of one request at most. Default: 128. */
  readonly maxKeys: number
  /** Requests to one peer under way at once, not counting those that are slow. Default: 4. */
  readonly maxInFlight: number
}

// A request that has been under way for so long waits for an origin: it would hold up keys that are in memory.
const slowAfterMs = 10
// Below that, a batch more costs less than the wait for the next one.
const fewestKeys = 16
// Batches of many large values are slower than few of them, see packages/bench.
const mostBytes = 2 * 2 ** 20

/** A request under way. */
type Flight = object

/**
 * Makes few requests of many gets, without a delay for those that are few.
 *
 * The gets of one tick leave together, at once, as long as fewer than `maxInFlight` requests are under way; while there
 * are that many, gets gather, and leave as one of them lands. So batches grow with the load, by themselves.
 */
export class Gatherer implements BatchSender {
  readonly #link: PeerLink
  readonly #options: GathererOptions
  /** What waits to leave, by group. */
  readonly #queues = new Map<string, PendingGet[]>()
  /** Requests under way that are not slow, and when they left, in that order. */
  readonly #flights = new Map<Flight, number>()
  #scheduled = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(link: PeerLink, options: GathererOptions) {
    this.#link = link
    this.#options = options
  }

  /** Takes a get along. */
  add(get: PendingGet): void {
    const queue = this.#queues.get(get.group)
    if (queue === undefined) this.#queues.set(get.group, [get])
    else queue.push(get)
    if (this.#scheduled) return
    this.#scheduled = true
    // After everything that this tick still brings.
    process.nextTick(this.#leave)
  }

  landed(flight: Flight): void {
    this.#flights.delete(flight)
    if (this.#queues.size > 0 && !this.#scheduled) this.#leave()
  }

  sendAlone(gets: readonly PendingGet[]): void {
    for (const get of gets) new LoneGet(this.#link, get, () => {})
  }

  readonly #leave = (): void => {
    this.#scheduled = false
    for (const [group, queue] of this.#queues) {
      if (this.#flights.size >= this.#options.maxInFlight && !this.#letSlowOnesBe()) return
      const gets = queue.splice(0, this.#sizeOf(queue)).filter((get) => !get.isSettled)
      // Behind the others, so that each group has its turn.
      this.#queues.delete(group)
      if (queue.length > 0) this.#queues.set(group, queue)
      if (gets.length > 0) this.#send(gets)
    }
  }

  #sizeOf({ length }: PendingGet[]): number {
    const { maxKeys, maxInFlight } = this.#options
    const free = Math.max(1, maxInFlight - this.#flights.size)
    const fitting = Math.max(1, Math.floor(mostBytes / this.#link.meanValueBytes))
    return Math.min(maxKeys, fitting, Math.max(fewestKeys, Math.ceil(length / free)))
  }

  #send(gets: readonly PendingGet[]): void {
    const now = performance.now()
    if (gets.length > 1) {
      this.#flights.set(new BatchGet(this.#link, gets, this), now)
      return
    }
    const flight = {}
    this.#flights.set(flight, now)
    new LoneGet(this.#link, gets[0] as PendingGet, () => this.landed(flight))
  }

  /** Counts requests no more that are slow; if none is yet, looks again when one may be. */
  #letSlowOnesBe(): boolean {
    const now = performance.now()
    let some = false
    for (const [flight, since] of this.#flights) {
      if (now - since < slowAfterMs) break
      this.#flights.delete(flight)
      some = true
    }
    if (some) return true
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#leave()
    }, slowAfterMs)
    return false
  }
}
