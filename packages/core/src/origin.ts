import { type Entry, makeEntry } from './entry.ts'
import { GeeCacheError, isGeeCacheError, NotFoundError } from './errors.ts'
import type { GetterContext } from './getter.ts'
import type { ResolvedOptions } from './options.ts'
import { show } from './show.ts'
import type { GroupCounters } from './stats.ts'

/** Where values really come from: calls the getter and makes an entry of what it says. */
export class Origin<V> {
  readonly #options: ResolvedOptions<V>
  readonly #counters: GroupCounters

  constructor(options: ResolvedOptions<V>, counters: GroupCounters) {
    this.#options = options
    this.#counters = counters
  }

  /** Loads `key`. Rejects with `not-found`, `load-failed` or `codec-failed`, and nothing else. */
  async load(key: string, signal: AbortSignal): Promise<Entry<V>> {
    const context: GetterContext = { signal, ttlMs: this.#options.ttlMs }
    const value = await this.#callGetter(key, context)
    const expiresAtMs = this.#options.now() + this.#life(key, context.ttlMs)
    return this.#encode(key, value, expiresAtMs)
  }

  async #callGetter(key: string, context: GetterContext): Promise<V> {
    this.#counters.localLoads++
    let value: V | undefined
    try {
      value = await this.#options.getter(key, context)
    } catch (cause) {
      if (isGeeCacheError(cause, 'not-found')) throw cause
      this.#counters.localLoadErrs++
      throw this.#failure('load-failed', 'the getter', key, cause)
    }
    if (value === undefined) throw new NotFoundError(`${this.#name(key)} not found`)
    return value
  }

  #life(key: string, ttlMs: unknown): number {
    if (ttlMs === undefined) return Number.POSITIVE_INFINITY
    if (typeof ttlMs === 'number' && ttlMs >= 0) return ttlMs
    const expected = `context.ttlMs must be a number from 0 up, or undefined, got ${show(ttlMs)}`
    throw this.#failure('load-failed', 'the getter', key, new TypeError(expected))
  }

  #encode(key: string, value: V, expiresAtMs: number): Entry<V> {
    const { codec } = this.#options
    try {
      const bytes = codec.encode(value)
      if (!(bytes instanceof Uint8Array)) {
        throw new TypeError(`encode must return a Uint8Array, got ${show(bytes)}`)
      }
      return makeEntry(key, bytes, codec, { loadedHere: true, expiresAtMs })
    } catch (cause) {
      throw this.#failure('codec-failed', 'the codec', key, cause)
    }
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
