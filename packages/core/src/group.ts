import type { Entry } from './entry.ts'
import { GeeCacheError } from './errors.ts'
import { Holdings } from './holdings.ts'
import { checkKey } from './key.ts'
import { leavable } from './leavable.ts'
import { LocalPeer } from './local-peer.ts'
import { Lookup } from './lookup.ts'
import { checkTtl, type GroupOptions, type ResolvedOptions, resolveOptions } from './options.ts'
import { Origin } from './origin.ts'
import type { PeerGetter, PeerPicker } from './peers.ts'
import { Removals } from './removals.ts'
import { show } from './show.ts'
import { type CacheStats, type GroupCounters, type GroupStats, newGroupCounters } from './stats.ts'
import { withSubstitute } from './time-limit.ts'
import { checkWait, type WaitOptions } from './wait-options.ts'

// How long running work may take to end after a group was closed, where its loads have no time limit.
const closingMs = 5000

/** What may be said of a value that is set. */
export interface SetOptions extends WaitOptions {
  /** Milliseconds it may live; with 0 it is not kept, and only what there was is dropped. Default: the group's `ttlMs`. */
  readonly ttlMs?: number | undefined
}

/**
 * A namespace of keys with one getter, whose values are loaded once and kept by the process that owns the key.
 *
 * The life of a get:
 *
 * 1. In mainCache or hotCache: that is the answer.
 * 2. Another peer owns the key: ask it (one fetch per key at a time). Its value, or its word that the origin
 *    said no, is the answer. A peer that cannot be asked is passed over:
 * 3. Call the getter here (one load per key at a time), keep the value, answer with it.
 */
export class Group<V> {
  readonly name: string
  /** This process as a peer: what the server side of a transport calls. */
  readonly local: Required<PeerGetter>
  readonly #options: ResolvedOptions<V>
  readonly #counters: GroupCounters = newGroupCounters()
  readonly #holdings: Holdings<V>
  readonly #lookup: Lookup<V>
  readonly #origin: Origin<V>
  readonly #removals: Removals<V>
  /** Whether what memory has is fresh, and needs no look at the clock. */
  readonly #neverStale: boolean
  #closing: Promise<void> | undefined

  /** Throws GeeCacheError `invalid-option` when an option is missing or wrong. */
  constructor(options: GroupOptions<V>) {
    const resolved = resolveOptions(options)
    this.#options = resolved
    this.name = resolved.name
    this.#holdings = new Holdings(resolved)
    this.#origin = new Origin(resolved, this.#counters)
    this.#lookup = new Lookup(resolved, this.#counters, this.#holdings, this.#origin)
    this.#removals = new Removals(resolved, this.#holdings)
    this.local = new LocalPeer(resolved, this.#counters, this.#holdings, this.#lookup)
    this.#neverStale = resolved.staleWhileRevalidateMs === 0 && resolved.staleIfErrorMs === 0
    if (options.peers !== undefined) this.registerPeers(options.peers)
  }

  /**
   * The value of `key`. Rejects with GeeCacheError `not-found` when it has none, `load-failed` when the getter
   * failed, `load-timeout`, `overloaded`, `codec-failed`, `invalid-key`, `invalid-option` or `closed`; with the signal's
   * reason when that aborts.
   */
  get(key: string, options?: WaitOptions): Promise<V> {
    const signal = options?.signal
    if (options !== undefined) {
      try {
        checkWait(options)
      } catch (error) {
        return Promise.reject(error)
      }
    }
    this.#counters.gets++
    const { gets, caches } = this.#holdings
    // Looked for first: when many ask for a cold key at once, this spares each of them a look into both caches.
    const shared = signal === undefined ? gets.get(key) : undefined
    if (shared !== undefined) {
      this.#counters.loads++
      return shared
    }
    const entry = caches.get(key)
    if (entry?.answer === undefined || !this.#isFresh(entry)) return this.#find(key, entry, signal)
    this.#counters.cacheHits++
    if (!entry.loadedHere) entry.hits++
    if (signal?.aborted) return Promise.reject(signal.reason)
    return entry.answer
  }

  /**
   * The values of many keys, in the order asked, each with its own outcome. What is in memory is not asked for; the
   * rest goes out together, so that a transport and a `batchGetter` can make few requests of it. Rejects as a whole only if
   * `keys` is no list, or with the signal's reason when that aborts.
   */
  async getMany(keys: Iterable<string>, options?: WaitOptions): Promise<PromiseSettledResult<V>[]> {
    checkWait(options)
    return leavable(this.#outcomes(listOf(keys), options), options?.signal)
  }

  #outcomes(asked: readonly string[], options?: WaitOptions): Promise<PromiseSettledResult<V>[]> {
    const results = new Array<PromiseSettledResult<V>>(asked.length)
    if (asked.length === 0) return Promise.resolve(results)
    // Counted: Promise.all would make a promise more of each, and Promise.allSettled takes twice as long.
    let left = asked.length
    return new Promise((resolve) => {
      const settle = (i: number, result: PromiseSettledResult<V>) => {
        results[i] = result
        left--
        if (left === 0) resolve(results)
      }
      for (const [i, key] of asked.entries()) {
        this.get(key, options).then(
          (value) => settle(i, { status: 'fulfilled', value }),
          (reason) => settle(i, { status: 'rejected', reason }),
        )
      }
    })
  }

  /** The value of `key` if this process has it in memory, and fresh; asks and counts nothing. */
  peek(key: string): V | undefined {
    const entry = this.#holdings.caches.peek(key)
    return entry !== undefined && this.#isFresh(entry) ? entry.value : undefined
  }

  /**
   * Makes `value` the value of `key`: its owner keeps it, and all other copies are dropped. For when the origin has just
   * been given a new value; a cache stores nothing for good. No get that starts after this has resolved sees an older
   * value. Rejects like {@link remove}, and with `codec-failed`.
   */
  async set(key: string, value: V, options?: SetOptions): Promise<void> {
    this.#admit(key)
    checkWait(options)
    const ttlMs = checkTtl('ttlMs', options?.ttlMs) ?? this.#options.ttlMs
    const entry = this.#origin.encode(key, value, this.#origin.jittered(ttlMs))
    await leavable(this.#removals.set(key, entry), options?.signal)
  }

  /**
   * Drops what is cached for `key`, in all processes. No get that starts after this has resolved, in any of them, sees
   * a value that was loaded before. Loads that are running answer those who wait for them, and are not kept.
   *
   * Rejects with GeeCacheError `remove-incomplete`, a {@link RemoveIncompleteError}, when some peers could not be told.
   */
  async remove(key: string, options?: WaitOptions): Promise<void> {
    await this.removeMany([key], options)
  }

  /** As {@link remove}, for many keys with the messages of one. */
  async removeMany(keys: Iterable<string>, options?: WaitOptions): Promise<void> {
    checkWait(options)
    const list = [...new Set(listOf(keys))]
    for (const key of list) this.#admit(key)
    if (list.length > 0) await leavable(this.#removals.remove(list), options?.signal)
  }

  /** As {@link remove}, for all keys. */
  async clear(options?: WaitOptions): Promise<void> {
    this.#requireOpen()
    checkWait(options)
    await leavable(this.#removals.clear(), options?.signal)
  }

  /** Says who picks the owners of keys; once. */
  registerPeers(peers: PeerPicker): void {
    if (typeof peers?.pickPeer !== 'function') {
      throw new GeeCacheError('invalid-option', `peers must have a function pickPeer, got ${show(peers)}`)
    }
    if (this.#holdings.peers !== undefined) {
      throw new GeeCacheError('invalid-option', `group ${show(this.name)} has its peers already`)
    }
    this.#holdings.peers = peers
  }

  /** What this group has done so far. */
  get stats(): GroupStats {
    return { ...this.#counters }
  }

  /** What mainCache or hotCache holds and has done so far. */
  cacheStats(which: 'main' | 'hot'): CacheStats {
    if (which === 'main' || which === 'hot') return this.#holdings.caches.stats(which)
    throw new GeeCacheError('invalid-option', `cacheStats takes "main" or "hot", got ${show(which)}`)
  }

  /**
   * Refuses what comes from now on (`closed`), forgets all values, and resolves when nobody waits for anything any more.
   *
   * Loads and fetches that somebody waits for may end, for `loadTimeoutMs` or, without that, five seconds; then their
   * signals abort, and who still waits gets `closed`, whether the getter heeds its signal or not. Loads that wait for
   * their turn, or run in the background, end at once.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** As {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    const reason = this.#closedError()
    const { gets, caches, fetches, handOvers, loads } = this.#holdings
    this.#holdings.closed = true
    gets.fenceAll()
    caches.clear()
    this.#removals.close()
    this.#origin.close(reason)
    this.#lookup.close(reason)
    // A fetch may end in a load, no load in a fetch.
    const landed = fetches.landed().then(() => loads.landed())
    await withSubstitute(this.#options.loadTimeoutMs ?? closingMs, undefined, landed)
    for (const flights of [fetches, handOvers, loads]) flights.close(reason)
  }

  /** The value of `key`, of which memory has no more than `entry`. */
  #find(key: string, entry: Entry<V> | undefined, signal: AbortSignal | undefined): Promise<V> {
    const { gets, peers } = this.#holdings
    try {
      this.#admit(key)
      const owner = peers?.pickPeer(key)
      if (owner !== undefined) return this.#lookup.fetch(owner, key, signal)
    } catch (error) {
      return Promise.reject(error)
    }
    if (entry !== undefined || signal !== undefined) return this.#findOwn(key, signal)
    return gets.add(key, () => this.#findOwn(key, undefined))
  }

  async #findOwn(key: string, signal: AbortSignal | undefined): Promise<V> {
    const entry = await this.#lookup.find(key, signal)
    if (entry.absence !== undefined) throw entry.absence
    return entry.value as V
  }

  #isFresh(entry: Entry<V>): boolean {
    return this.#neverStale || entry.freshUntilMs > this.#options.now()
  }

  #admit(key: unknown): void {
    this.#requireOpen()
    checkKey(key, this.#options.maxKeyBytes)
  }

  #requireOpen(): void {
    if (this.#holdings.closed) throw this.#closedError()
  }

  #closedError(): GeeCacheError {
    return new GeeCacheError('closed', `group ${show(this.name)} is closed`)
  }
}

/** The keys, of whatever holds them; a string is a key, and no list of one-letter keys. */
function listOf(keys: Iterable<string>): string[] {
  if (typeof keys !== 'string' && typeof keys?.[Symbol.iterator] === 'function') return [...keys]
  throw new GeeCacheError('invalid-key', `keys must be an iterable of strings, got ${show(keys)}`)
}
