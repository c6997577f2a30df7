import { absenceEntry, type Entry } from './entry.ts'
import { type GeeCacheError, isGeeCacheError, NotFoundError } from './errors.ts'
import type { Pass } from './fenced-flights.ts'
import { Fetch, type FetchContext } from './fetch.ts'
import type { Holdings } from './holdings.ts'
import { leavable } from './leavable.ts'
import type { ResolvedOptions } from './options.ts'
import type { Origin } from './origin.ts'
import type { PeerGetter } from './peers.ts'
import { receivedEntry } from './received.ts'
import type { GroupCounters } from './stats.ts'
import { withSubstitute } from './time-limit.ts'

// An origin that has just failed is given this long before it is asked again for what there is a stale value of.
const retryAfterMs = 1000

/**
 * Finds out what memory alone does not know: asks the owner of a key, or loads it.
 *
 * `own` is all that peers get. It loads, and never asks a peer in turn; `fetch` asks one, and may fall back to `own`.
 * So no chain of waits closes into a circle, however the peers' rings disagree.
 */
export class Lookup<V> implements FetchContext<V> {
  readonly options: ResolvedOptions<V>
  readonly counters: GroupCounters
  readonly holdings: Holdings<V>
  readonly #origin: Origin<V>
  /** Whose signal stands for nobody in particular: of loads that go on though no caller waits for them. */
  readonly #background = new AbortController()

  constructor(
    options: ResolvedOptions<V>,
    counters: GroupCounters,
    holdings: Holdings<V>,
    origin: Origin<V>,
  ) {
    this.options = options
    this.counters = counters
    this.holdings = holdings
    this.#origin = origin
  }

  /** Ends the loads that nobody waits for. */
  close(reason: GeeCacheError): void {
    this.#background.abort(reason)
  }

  /** The value of `key` from `owner`, which is another peer, for a get of this process, which it counts. */
  fetch(owner: PeerGetter, key: string, signal: AbortSignal | undefined): Promise<V> {
    let isFirst = false
    const answer = this.holdings.fetches.begin(
      key,
      (landing) => {
        isFirst = true
        new Fetch(this, key, landing).ask(owner)
      },
      signal,
    )
    // The fetch itself counts who began it.
    if (!isFirst) this.counters.loads++
    return answer
  }

  /** What is known of `key`, which is this process's own, for a get of this process, which it counts. */
  async find(key: string, signal: AbortSignal | undefined): Promise<Entry<V>> {
    signal?.throwIfAborted()
    const { caches, loads } = this.holdings
    const kept = caches.peek(key)
    const joins = loads.has(key)
    let found: Entry<V> | undefined
    try {
      found = await this.own(key, signal)
      return found
    } finally {
      this.count(found !== undefined && found === kept, joins)
    }
  }

  /** What this process itself has loaded of `key`, or loads now: fresh, or as stale as the group allows. */
  async own(key: string, signal: AbortSignal | undefined): Promise<Entry<V>> {
    const kept = this.holdings.caches.peek(key)
    if (kept === undefined || !kept.loadedHere) return this.#load(key, signal)
    if (kept.freshUntilMs === Number.POSITIVE_INFINITY) return kept
    const now = this.options.now()
    const staleMs = now - kept.freshUntilMs
    if (staleMs < 0) return kept
    const { staleWhileRevalidateMs, staleIfErrorMs } = this.options
    if (now < kept.retryAtMs && staleMs < Math.max(staleWhileRevalidateMs, staleIfErrorMs)) return kept
    if (staleMs >= staleWhileRevalidateMs) return this.#loadOrStale(key, kept, signal)
    this.#refresh(key, kept)
    return kept
  }

  /** What this process itself has loaded of `key`, if it is in memory and fresh. */
  cached(key: string): Entry<V> | undefined {
    const kept = this.holdings.caches.peek(key)
    return kept?.loadedHere && this.isFresh(kept) ? kept : undefined
  }

  /** Whether `entry` needs no look at the origin. */
  isFresh({ freshUntilMs }: Entry<V>): boolean {
    return freshUntilMs === Number.POSITIVE_INFINITY || freshUntilMs > this.options.now()
  }

  /** Loads in the background, once however many ask. */
  #refresh(key: string, stale: Entry<V>): void {
    if (this.holdings.loads.has(key)) return
    this.#load(key, this.#background.signal).catch((error) => this.#spare(stale, error))
  }

  /** Loads; if the origin fails, or takes longer than the soft limit, what there was will do. */
  async #loadOrStale(key: string, stale: Entry<V>, signal: AbortSignal | undefined): Promise<Entry<V>> {
    const { softTimeoutMs } = this.options
    try {
      if (softTimeoutMs === undefined) return await this.#load(key, signal)
      // The caller is no part of this load: it goes on when he has his stale answer and has left.
      const load = this.#load(key, this.#background.signal)
      load.catch((error) => this.#spare(stale, error))
      return await leavable(withSubstitute(softTimeoutMs, stale, load), signal)
    } catch (error) {
      if (signal?.aborted || isGeeCacheError(error, 'not-found')) throw error
      this.#spare(stale, error)
      if (this.options.now() - stale.freshUntilMs < this.options.staleIfErrorMs) return stale
      throw error
    }
  }

  #spare(stale: Entry<V>, error: unknown): void {
    if (!isGeeCacheError(error, 'not-found')) stale.retryAtMs = this.options.now() + retryAfterMs
  }

  #load(key: string, signal: AbortSignal | undefined): Promise<Entry<V>> {
    return this.holdings.loads.do(key, (pass) => this.#loadAndKeep(key, pass), signal)
  }

  async #loadAndKeep(key: string, pass: Pass): Promise<Entry<V>> {
    // Look again: 1. a get misses and asks the owner; 2. a peer makes us load the key, and the load ends;
    // 3. the owner fails, and the get comes here. Without this look it would load the key a second time.
    const cached = this.cached(key)
    if (cached !== undefined) return cached
    const isKnown = this.holdings.caches.peek(key) !== undefined
    const previous = isKnown ? undefined : this.holdings.previousOwner(key)
    const handedOver = previous && (await this.#takeOver(previous, key, pass))
    if (handedOver !== undefined) return handedOver
    try {
      const entry = await this.#origin.load(key, pass)
      if (pass.valid) this.holdings.keep(key, entry)
      return entry
    } catch (error) {
      if (isGeeCacheError(error, 'not-found') && pass.valid) this.#keepAbsence(key, error)
      throw error
    }
  }

  /**
   * What the previous owner of a key hands over to this process, its new owner; undefined, and no word of why, if it has
   * nothing or can't be asked. What was fenced meanwhile, by either round of a removal, is not taken.
   */
  async #takeOver(previous: PeerGetter, key: string, pass: Pass): Promise<Entry<V> | undefined> {
    try {
      return await this.holdings.handOvers.do(
        key,
        (own) => this.#askPrevious(previous, key, [pass, own]),
        pass.signal,
      )
    } catch {
      pass.signal.throwIfAborted()
      return undefined
    }
  }

  async #askPrevious(
    previous: PeerGetter,
    key: string,
    passes: readonly [load: Pass, handOver: Pass],
  ): Promise<Entry<V> | undefined> {
    const { signal } = passes[1]
    const answer = await previous.get(this.options.name, key, { signal, onlyIfCached: true })
    const entry = receivedEntry(key, answer, this.options, 'previous owner')
    if (entry.freshUntilMs <= this.options.now()) return undefined
    if (!passes.every(({ valid }) => valid)) return undefined
    this.counters.handovers++
    this.holdings.keep(key, entry)
    return entry
  }

  /** A stale value must go, now that there is none; and the origin need not be asked for a while. */
  #keepAbsence(key: string, absence: GeeCacheError): void {
    this.holdings.caches.delete(key)
    const { notFoundTtlMs, now } = this.options
    if (notFoundTtlMs === 0) return
    // Not the getter's own error, whose cause may hold anything.
    const kept = new NotFoundError(absence.message)
    this.holdings.keep(key, absenceEntry(key, kept, now() + notFoundTtlMs))
  }

  /** Counts a get as a hit of memory after all, or else as a load, and that as deduped unless it `joins` one under way. */
  count(hit: boolean, joins: boolean): void {
    if (hit) this.counters.cacheHits++
    else this.counters.loads++
    if (!hit && !joins) this.counters.loadsDeduped++
  }
}
