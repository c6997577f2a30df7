import { Batcher, type Found } from './batcher.ts'
import { disownPromise, type Entry, valueEntry } from './entry.ts'
import { GeeCacheError, isGeeCacheError, NotFoundError } from './errors.ts'
import { type GetterContext, GetterFailure } from './getter.ts'
import { LoadGate } from './load-gate.ts'
import type { ResolvedOptions } from './options.ts'
import { show } from './show.ts'
import type { GroupCounters } from './stats.ts'
import { withTimeLimit } from './time-limit.ts'

/** Who a load is for. The signal aborts when nobody waits any more; it is made when it is asked for, see `Pass`. */
interface Waiting {
  readonly signal: AbortSignal
}

class LoadContext implements GetterContext {
  ttlMs: number | undefined
  readonly #waiting: Waiting

  constructor(waiting: Waiting, ttlMs: number | undefined) {
    this.#waiting = waiting
    this.ttlMs = ttlMs
  }

  get signal(): AbortSignal {
    return this.#waiting.signal
  }
}

/** Where values really come from: calls the getter, within its limits, and makes an entry of what it says. */
export class Origin<V> {
  readonly #options: ResolvedOptions<V>
  readonly #counters: GroupCounters
  readonly #gate: LoadGate
  readonly #batcher: Batcher<V> | undefined

  constructor(options: ResolvedOptions<V>, counters: GroupCounters) {
    this.#options = options
    this.#counters = counters
    const { batchGetter, maxBatchSize, ttlMs } = options
    this.#gate = new LoadGate({
      maxConcurrent: options.maxConcurrentLoads,
      maxQueued: options.maxQueuedLoads,
      limitMs: options.loadTimeoutMs,
    })
    const onCall = (keys: number) => {
      this.#counters.localLoads += keys
    }
    if (batchGetter !== undefined) {
      this.#batcher = new Batcher(batchGetter, this.#gate, { maxBatchSize, ttlMs, onCall })
    }
  }

  /**
   * Loads `key`. Rejects with `not-found`, `load-failed`, `load-timeout`, `overloaded`, `codec-failed` or `closed`; with the
   * signal's reason when that has aborted.
   */
  async load(key: string, waiting: Waiting): Promise<Entry<V>> {
    try {
      const { value, ttlMs } = await this.#find(key, waiting)
      if (value === undefined) throw new NotFoundError(`${this.#name(key)} not found`)
      return this.encode(key, value, this.jittered(ttlMs))
    } catch (thrown) {
      // What nobody waits for is no failure, whatever became of it.
      waiting.signal.throwIfAborted()
      const error = this.#told(key, thrown)
      if (!unblamed.has(error.code)) this.#counters.localLoadErrs++
      throw error
    }
  }

  /** Turns away the loads that wait for their turn, or would have to from now on. */
  close(reason: GeeCacheError): void {
    this.#gate.close(reason)
    this.#batcher?.close(reason)
  }

  #find(key: string, waiting: Waiting): Promise<Found<V>> {
    const { loadTimeoutMs } = this.#options
    if (loadTimeoutMs === undefined) return this.#ask(key, waiting)
    const late = () =>
      new GeeCacheError('load-timeout', `loading took more than ${loadTimeoutMs} ms for ${this.#name(key)}`)
    return withTimeLimit(loadTimeoutMs, late, waiting.signal, (signal) => this.#ask(key, { signal }))
  }

  #ask(key: string, waiting: Waiting): Promise<Found<V>> {
    if (this.#batcher !== undefined) return this.#batcher.load(key, waiting.signal)
    // Where nobody has to wait, nobody needs a signal for it.
    if (this.#options.maxConcurrentLoads === Number.POSITIVE_INFINITY) return this.#callGetter(key, waiting)
    return this.#gate.run(waiting.signal, () => this.#callGetter(key, waiting))
  }

  async #callGetter(key: string, waiting: Waiting): Promise<Found<V>> {
    this.#counters.localLoads++
    const context = new LoadContext(waiting, this.#options.ttlMs)
    try {
      const value = await this.#options.getter(key, context)
      return { value, ttlMs: context.ttlMs }
    } catch (error) {
      throw new GetterFailure(error)
    }
  }

  /** `ttlMs`, shorter by a random part, so that what was loaded together does not expire together; Infinity if undefined. */
  jittered(ttlMs: unknown): number {
    if (ttlMs === undefined) return Number.POSITIVE_INFINITY
    if (typeof ttlMs === 'number' && ttlMs >= 0) return ttlMs * (1 - Math.random() * this.#options.ttlJitter)
    throw new TypeError(`ttlMs must be a number from 0 up, or undefined, got ${show(ttlMs)}`)
  }

  /** The entry of a value that is known: encoded, and decoded again, so that it looks as it will everywhere. */
  encode(key: string, value: V, ttlMs: number): Entry<V> {
    const { codec, now } = this.#options
    try {
      // Of a set; what the getter gives has been awaited.
      if (disownPromise(value)) throw new TypeError('a value must be awaited, got a promise')
      const bytes = codec.encode(value)
      if (disownPromise(bytes)) throw new TypeError('encode must return a Uint8Array, got a promise')
      if (!(bytes instanceof Uint8Array)) {
        throw new TypeError(`encode must return a Uint8Array, got ${show(bytes)}`)
      }
      return valueEntry(key, bytes, codec, { from: 'origin', freshUntilMs: now() + ttlMs })
    } catch (cause) {
      throw this.#failure('codec-failed', 'the codec', key, cause)
    }
  }

  /** What callers get to hear of what a load ended with. */
  #told(key: string, thrown: unknown): GeeCacheError {
    const isGetters = thrown instanceof GetterFailure
    const error = isGetters ? thrown.reason : thrown
    // A getter may ask another group. What that says of itself (`closed`, `overloaded`) is no word of this one.
    if (isGeeCacheError(error) && (!isGetters || error.code === 'not-found')) return error
    return this.#failure('load-failed', 'the getter', key, error)
  }

  #failure(
    code: 'load-failed' | 'codec-failed',
    culprit: string,
    key: string,
    cause: unknown,
  ): GeeCacheError {
    const reason = cause instanceof Error ? cause.message : show(cause)
    return new GeeCacheError(code, `${culprit} failed for ${this.#name(key)}: ${reason}`, { cause })
  }

  #name(key: string): string {
    return `key ${show(key)} of group ${show(this.#options.name)}`
  }
}

/** The errors that are no failure of the getter. */
const unblamed: ReadonlySet<string> = new Set(['not-found', 'overloaded', 'closed'])
