import { absenceEntry, type Entry, passingEntry, type Source, valueEntry } from './entry.ts'
import { GeeCacheError, isGeeCacheError, isOriginError } from './errors.ts'
import type { Pass } from './fenced-flights.ts'
import type { Holdings } from './holdings.ts'
import { leavable } from './leavable.ts'
import type { ResolvedOptions } from './options.ts'
import type { Origin } from './origin.ts'
import type { PeerGetter, PeerValue } from './peers.ts'
import { show } from './show.ts'
import type { GroupCounters } from './stats.ts'
import { withSubstitute } from './time-limit.ts'

// An origin that has just failed is given this long before it is asked again for what there is a stale value of.
const retryAfterMs = 1000
// Of a get: the owner, and one that stands in for it. More would cost the caller more than a load.
const mostPeersAsked = 2

/**
 * Finds out what memory alone does not know: asks the owner of a key, or loads it.
 *
 * `own` is all that peers get. It loads, and never asks a peer in turn; `fetch` asks one, and may fall back to `own`.
 * So no chain of waits closes into a circle, however the peers' rings disagree.
 */
export class Lookup<V> {
  readonly #options: ResolvedOptions<V>
  readonly #counters: GroupCounters
  readonly #holdings: Holdings<V>
  readonly #origin: Origin<V>
  /** Whose signal stands for nobody in particular: of loads that go on though no caller waits for them. */
  readonly #background = new AbortController()

  constructor(
    options: ResolvedOptions<V>,
    counters: GroupCounters,
    holdings: Holdings<V>,
    origin: Origin<V>,
  ) {
    this.#options = options
    this.#counters = counters
    this.#holdings = holdings
    this.#origin = origin
  }

  /** Ends the loads that nobody waits for. */
  close(reason: GeeCacheError): void {
    this.#background.abort(reason)
  }

  /** What is known of `key`, from its owner if that is a peer; for a get of this process, which it counts. */
  async find(key: string, signal: AbortSignal | undefined): Promise<Entry<V>> {
    signal?.throwIfAborted()
    const { peers, caches, loads, fetches } = this.#holdings
    const owner = peers?.pickPeer(key)
    const kept = caches.peek(key)
    const joins = (owner === undefined ? loads : fetches).has(key)
    let found: Entry<V> | undefined
    try {
      found = await (owner === undefined ? this.own(key, signal) : this.#fetch(owner, key, signal))
      return found
    } finally {
      this.#count(found !== undefined && found === kept, joins)
    }
  }

  /** What this process itself has loaded of `key`, or loads now: fresh, or as stale as the group allows. */
  async own(key: string, signal: AbortSignal | undefined): Promise<Entry<V>> {
    const kept = this.#holdings.caches.peek(key)
    if (kept === undefined || !kept.loadedHere) return this.#load(key, signal)
    if (kept.freshUntilMs === Number.POSITIVE_INFINITY) return kept
    const now = this.#options.now()
    const staleMs = now - kept.freshUntilMs
    if (staleMs < 0) return kept
    const { staleWhileRevalidateMs, staleIfErrorMs } = this.#options
    if (now < kept.retryAtMs && staleMs < Math.max(staleWhileRevalidateMs, staleIfErrorMs)) return kept
    if (staleMs >= staleWhileRevalidateMs) return this.#loadOrStale(key, kept, signal)
    this.#refresh(key, kept)
    return kept
  }

  /** What this process itself has loaded of `key`, if it is in memory and fresh. */
  cached(key: string): Entry<V> | undefined {
    const kept = this.#holdings.caches.peek(key)
    return kept?.loadedHere && this.isFresh(kept) ? kept : undefined
  }

  /** Whether `entry` needs no look at the origin. */
  isFresh({ freshUntilMs }: Entry<V>): boolean {
    return freshUntilMs === Number.POSITIVE_INFINITY || freshUntilMs > this.#options.now()
  }

  /** Loads in the background, once however many ask. */
  #refresh(key: string, stale: Entry<V>): void {
    if (this.#holdings.loads.has(key)) return
    this.#load(key, this.#background.signal).catch((error) => this.#spare(stale, error))
  }

  /** Loads; if the origin fails, or takes longer than the soft limit, what there was will do. */
  async #loadOrStale(key: string, stale: Entry<V>, signal: AbortSignal | undefined): Promise<Entry<V>> {
    const { softTimeoutMs } = this.#options
    try {
      if (softTimeoutMs === undefined) return await this.#load(key, signal)
      // The caller is no part of this load: it goes on when he has his stale answer and has left.
      const load = this.#load(key, this.#background.signal)
      load.catch((error) => this.#spare(stale, error))
      return await leavable(withSubstitute(softTimeoutMs, stale, load), signal)
    } catch (error) {
      if (signal?.aborted || isGeeCacheError(error, 'not-found')) throw error
      this.#spare(stale, error)
      if (this.#options.now() - stale.freshUntilMs < this.#options.staleIfErrorMs) return stale
      throw error
    }
  }

  #spare(stale: Entry<V>, error: unknown): void {
    if (!isGeeCacheError(error, 'not-found')) stale.retryAtMs = this.#options.now() + retryAfterMs
  }

  #fetch(owner: PeerGetter, key: string, signal: AbortSignal | undefined): Promise<Entry<V>> {
    return this.#holdings.fetches.do(key, (pass) => this.#ask(owner, key, pass), signal)
  }

  #load(key: string, signal: AbortSignal | undefined): Promise<Entry<V>> {
    return this.#holdings.loads.do(key, (pass) => this.#loadAndKeep(key, pass), signal)
  }

  /** Asks the owner of `key`; if it can't be reached, who stands in for it; then this process is who does. */
  async #ask(owner: PeerGetter, key: string, pass: Pass): Promise<Entry<V>> {
    const signal = pass.isLeavable ? pass.signal : undefined
    let failed: Set<PeerGetter> | undefined
    let peer: PeerGetter | undefined = owner
    while (peer !== undefined) {
      try {
        const answer = await peer.get(this.#options.name, key, signal && { signal })
        return this.#take(key, answer, pass)
      } catch (error) {
        if (signal?.aborted || isOriginError(error)) throw error
        this.#counters.peerErrors++
        failed ??= new Set()
        failed.add(peer)
        // After a missed deadline the caller has waited long enough.
        peer = isGeeCacheError(error, 'peer-timeout') ? undefined : this.#standIn(key, failed)
      }
    }
    return this.own(key, signal)
  }

  /** What a peer answered; kept, if the key is hot. */
  #take(key: string, answer: PeerValue, pass: Pass): Entry<V> {
    const { hotKeys } = this.#holdings
    const isHot =
      this.#options.hotShare > 0 && hotKeys.fetched(key, answer.qps ?? 0, () => this.#holdings.processes)
    const isKept = isHot && pass.valid
    const entry = this.#receive(key, answer, { from: 'peer', isKept })
    this.#counters.peerLoads++
    if (isKept) this.#holdings.keep(key, entry)
    return entry
  }

  /** Who is to be asked after `failed`, if another. */
  #standIn(key: string, failed: ReadonlySet<PeerGetter>): PeerGetter | undefined {
    if (failed.size >= mostPeersAsked) return undefined
    const next = this.#holdings.peers?.pickPeer(key, failed)
    // A picker may know no other, or make its peers anew each time.
    return [...failed].some(({ name }) => name === next?.name) ? undefined : next
  }

  /** What a peer answered, checked before anything is made of it. */
  #receive(key: string, answer: PeerValue, { from, isKept }: { from: Source; isKept: boolean }): Entry<V> {
    const { bytes, ttlMs = Number.POSITIVE_INFINITY } = answer
    if (!(bytes instanceof Uint8Array) || typeof ttlMs !== 'number' || !(ttlMs >= 0)) {
      throw new GeeCacheError(
        'peer-failed',
        `a peer answered with ${typeof bytes} for bytes and a ttlMs of ${show(ttlMs)}, which is no value`,
      )
    }
    const freshUntilMs = ttlMs === Number.POSITIVE_INFINITY ? ttlMs : this.#options.now() + ttlMs
    const make = isKept ? valueEntry<V> : passingEntry<V>
    try {
      return make(key, bytes, this.#options.codec, { from, freshUntilMs })
    } catch (cause) {
      throw new GeeCacheError('peer-failed', `a peer's value for key ${show(key)} can't be decoded`, {
        cause,
      })
    }
  }

  async #loadAndKeep(key: string, pass: Pass): Promise<Entry<V>> {
    // Look again: 1. a get misses and asks the owner; 2. a peer makes us load the key, and the load ends;
    // 3. the owner fails, and the get comes here. Without this look it would load the key a second time.
    const cached = this.cached(key)
    if (cached !== undefined) return cached
    const isKnown = this.#holdings.caches.peek(key) !== undefined
    const previous = isKnown ? undefined : this.#holdings.previousOwner(key)
    const handedOver = previous && (await this.#takeOver(previous, key, pass))
    if (handedOver !== undefined) return handedOver
    try {
      const entry = await this.#origin.load(key, pass)
      if (pass.valid) this.#holdings.keep(key, entry)
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
      return await this.#holdings.handOvers.do(
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
    const answer = await previous.get(this.#options.name, key, { signal, onlyIfCached: true })
    const entry = this.#receive(key, answer, { from: 'previous owner', isKept: true })
    if (entry.freshUntilMs <= this.#options.now()) return undefined
    if (!passes.every(({ valid }) => valid)) return undefined
    this.#counters.handovers++
    this.#holdings.keep(key, entry)
    return entry
  }

  /** A stale value must go, now that there is none; and the origin need not be asked for a while. */
  #keepAbsence(key: string, absence: GeeCacheError): void {
    this.#holdings.caches.delete(key)
    const { notFoundTtlMs, now } = this.#options
    if (notFoundTtlMs > 0) this.#holdings.keep(key, absenceEntry(key, absence, now() + notFoundTtlMs))
  }

  #count(hit: boolean, joins: boolean): void {
    if (hit) this.#counters.cacheHits++
    else this.#counters.loads++
    if (!hit && !joins) this.#counters.loadsDeduped++
  }
}
