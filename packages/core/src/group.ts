import { SingleFlight } from '@geecache/singleflight'
import { Caches } from './caches.ts'
import { type Entry, makeEntry } from './entry.ts'
import { GeeCacheError, isOriginError } from './errors.ts'
import { HotKeys } from './hot-keys.ts'
import { checkKey } from './key.ts'
import { type GroupOptions, type ResolvedOptions, resolveOptions } from './options.ts'
import { Origin } from './origin.ts'
import type { PeerGetter, PeerPicker, PeerRequest, PeerValue } from './peers.ts'
import { show } from './show.ts'
import { type CacheStats, type GroupCounters, type GroupStats, newGroupCounters } from './stats.ts'

/** What a get may be told. */
export interface GetOptions {
  /** Rejects this caller, and no other, with the signal's reason when it aborts. */
  readonly signal?: AbortSignal | undefined
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
 *
 * Peers that ask this process get step 3 alone (`local`): a request from a peer is never forwarded, and loads
 * never wait for fetches. So no chain of waits closes into a circle, however the peers' rings disagree.
 */
export class Group<V> {
  readonly name: string
  /** This process as a peer: what the server side of a transport calls. */
  readonly local: PeerGetter
  readonly #options: ResolvedOptions<V>
  readonly #caches: Caches<V>
  readonly #hotKeys = new HotKeys()
  readonly #fetches = new SingleFlight<string, Entry<V>>()
  readonly #loads = new SingleFlight<string, Entry<V>>()
  readonly #running = new Set<Promise<unknown>>()
  readonly #counters: GroupCounters = newGroupCounters()
  readonly #origin: Origin<V>
  #peers: PeerPicker | undefined
  #closed = false

  /** Throws GeeCacheError `invalid-option` when an option is missing or wrong. */
  constructor(options: GroupOptions<V>) {
    this.#options = resolveOptions(options)
    this.name = this.#options.name
    this.#caches = new Caches(this.#options)
    this.#origin = new Origin(this.#options, this.#counters)
    this.local = { get: (group, key, request) => this.#serve(group, key, request) }
    if (options.peers !== undefined) this.registerPeers(options.peers)
  }

  /**
   * The value of `key`. Rejects with GeeCacheError `not-found` when it has none, `load-failed` when the getter
   * failed, `invalid-key`, `codec-failed` or `closed`; with the signal's reason when that aborts.
   */
  get(key: string, options?: GetOptions): Promise<V> {
    this.#counters.gets++
    const entry = this.#caches.get(key)
    if (entry === undefined) return this.#find(key, options?.signal)
    this.#counters.cacheHits++
    if (options?.signal?.aborted) return Promise.reject(options.signal.reason)
    return entry.answer
  }

  /** The value of `key` if this process has it in memory; asks and counts nothing. */
  peek(key: string): V | undefined {
    return this.#caches.peek(key)?.value
  }

  /** Says who picks the owners of keys; once. */
  registerPeers(peers: PeerPicker): void {
    if (typeof peers?.pickPeer !== 'function') {
      throw new GeeCacheError('invalid-option', `peers must have a function pickPeer, got ${show(peers)}`)
    }
    if (this.#peers !== undefined) {
      throw new GeeCacheError('invalid-option', `group ${show(this.name)} has its peers already`)
    }
    this.#peers = peers
  }

  /** What this group has done so far. */
  get stats(): GroupStats {
    return { ...this.#counters }
  }

  /** What mainCache or hotCache holds and has done so far. */
  cacheStats(which: 'main' | 'hot'): CacheStats {
    if (which === 'main' || which === 'hot') return this.#caches.stats(which)
    throw new GeeCacheError('invalid-option', `cacheStats takes "main" or "hot", got ${show(which)}`)
  }

  /** Refuses what comes from now on (`closed`), forgets all values, resolves when running work has ended. */
  async close(): Promise<void> {
    this.#closed = true
    this.#caches.clear()
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }

  async #find(key: string, signal: AbortSignal | undefined): Promise<V> {
    this.#admit(key)
    const owner = this.#peers?.pickPeer(key)
    this.#counters.loads++
    if (!(owner === undefined ? this.#loads : this.#fetches).has(key)) this.#counters.loadsDeduped++
    const entry = await (owner === undefined ? this.#load(key, signal) : this.#fetch(owner, key, signal))
    return entry.value
  }

  async #serve(group: string, key: string, request: PeerRequest | undefined): Promise<PeerValue> {
    this.#counters.serverRequests++
    if (group !== this.name) {
      throw new GeeCacheError('group-unknown', `this is group ${show(this.name)}, not ${show(group)}`)
    }
    this.#admit(key)
    const kept = this.#caches.get(key)
    const { bytes, expiresAtMs } = kept?.loadedHere ? kept : await this.#load(key, request?.signal)
    if (expiresAtMs === Number.POSITIVE_INFINITY) return { bytes }
    return { bytes, ttlMs: Math.max(0, expiresAtMs - this.#options.now()) }
  }

  #admit(key: unknown): void {
    if (this.#closed) throw new GeeCacheError('closed', `group ${show(this.name)} is closed`)
    checkKey(key, this.#options.maxKeyBytes)
  }

  #fetch(owner: PeerGetter, key: string, signal: AbortSignal | undefined): Promise<Entry<V>> {
    return this.#fetches.do(key, (alone) => this.#track(this.#ask(owner, key, alone)), { signal })
  }

  #load(key: string, signal: AbortSignal | undefined): Promise<Entry<V>> {
    return this.#loads.do(key, (alone) => this.#track(this.#loadAndKeep(key, alone)), { signal })
  }

  async #ask(owner: PeerGetter, key: string, signal: AbortSignal): Promise<Entry<V>> {
    try {
      const entry = this.#receive(key, await owner.get(this.name, key, { signal }))
      this.#counters.peerLoads++
      if (this.#hotKeys.note(key)) this.#keep(key, entry)
      return entry
    } catch (error) {
      if (signal.aborted || isOriginError(error)) throw error
      this.#counters.peerErrors++
      return this.#load(key, signal)
    }
  }

  /** What a peer answered, checked before anything is made of it. */
  #receive(key: string, answer: PeerValue): Entry<V> {
    const { bytes, ttlMs = Number.POSITIVE_INFINITY } = answer
    if (!(bytes instanceof Uint8Array) || !(ttlMs >= 0)) {
      throw new GeeCacheError('peer-failed', `a peer answered with ${show(answer)}, which is no value`)
    }
    const expiresAtMs = this.#options.now() + ttlMs
    try {
      return makeEntry(key, bytes, this.#options.codec, { loadedHere: false, expiresAtMs })
    } catch (cause) {
      throw new GeeCacheError('peer-failed', `a peer's value for key ${show(key)} can't be decoded`, {
        cause,
      })
    }
  }

  async #loadAndKeep(key: string, signal: AbortSignal): Promise<Entry<V>> {
    // Look again: 1. a get misses and asks the owner; 2. a peer makes us load the key, and the load ends;
    // 3. the owner fails, and the get comes here. Without this look it would load the key a second time.
    const kept = this.#caches.peek(key)
    if (kept?.loadedHere) return kept
    const entry = await this.#origin.load(key, signal)
    this.#keep(key, entry)
    return entry
  }

  #keep(key: string, entry: Entry<V>): void {
    const ttlMs = entry.expiresAtMs - this.#options.now()
    if (this.#closed || ttlMs <= 0) return
    // Asked now, not when the work began: the peers may have changed since.
    if (this.#peers?.pickPeer(key) !== undefined) {
      this.#caches.keepHot(key, entry, Math.min(ttlMs, this.#options.hotTtlMs))
    } else if (entry.loadedHere) {
      this.#caches.keepMain(key, entry, ttlMs)
    }
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work)
    const done = () => this.#running.delete(work)
    work.then(done, done)
    return work
  }
}
