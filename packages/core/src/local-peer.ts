import { type Entry, sentValue, valueEntry } from './entry.ts'
import { GeeCacheError } from './errors.ts'
import type { Holdings } from './holdings.ts'
import { checkKey, isKey } from './key.ts'
import type { Lookup } from './lookup.ts'
import type { ResolvedOptions } from './options.ts'
import type { PeerAnswer, PeerGetter, PeerRequest, PeerValue, RoundRequest, SetRequest } from './peers.ts'
import { show } from './show.ts'
import type { GroupCounters } from './stats.ts'

/** This process as its peers see it: what the server side of a transport calls. It never asks a peer in turn. */
export class LocalPeer<V> implements Required<PeerGetter> {
  readonly name = 'this process'
  readonly #options: ResolvedOptions<V>
  readonly #counters: GroupCounters
  readonly #holdings: Holdings<V>
  readonly #lookup: Lookup<V>

  constructor(
    options: ResolvedOptions<V>,
    counters: GroupCounters,
    holdings: Holdings<V>,
    lookup: Lookup<V>,
  ) {
    this.#options = options
    this.#counters = counters
    this.#holdings = holdings
    this.#lookup = lookup
  }

  get(group: string, key: string, request?: PeerRequest): Promise<PeerValue> {
    return new Promise((resolve, reject) => {
      this.ask(group, key, { succeed: resolve, fail: reject }, request)
    })
  }

  /** What is in memory is told before this returns. */
  ask(group: string, key: string, answer: PeerAnswer, request?: PeerRequest): void {
    let value: PeerValue | undefined
    let qps = 0
    try {
      this.#admit(group, key)
      if (request?.onlyIfCached) {
        value = this.#send(this.#cached(key))
      } else {
        this.#counters.serverRequests++
        qps = this.#holdings.hotKeys.served(key)
        const entry = this.#holdings.caches.getOwn(key)
        if (entry !== undefined && this.#lookup.isFresh(entry)) value = this.#send(entry, qps)
      }
    } catch (error) {
      answer.fail(error)
      return
    }
    if (value !== undefined) {
      answer.succeed(value)
      return
    }
    this.#lookup
      .own(key, request?.signal)
      .then((entry) => this.#send(entry, qps))
      .then(
        (loaded) => answer.succeed(loaded),
        (error) => answer.fail(error),
      )
  }

  async set(group: string, key: string, value: PeerValue, request?: SetRequest): Promise<void> {
    this.#admit(group, key)
    const { bytes, ttlMs = Number.POSITIVE_INFINITY } = value
    if (!(bytes instanceof Uint8Array) || typeof ttlMs !== 'number' || !(ttlMs >= 0)) {
      throw new GeeCacheError(
        'codec-failed',
        `a peer set ${show(bytes)} for bytes and a ttlMs of ${show(ttlMs)}, which is no value`,
      )
    }
    const life = { from: 'origin', freshUntilMs: this.#options.now() + ttlMs } as const
    let entry: Entry<V>
    try {
      entry = valueEntry(key, bytes, this.#options.codec, life)
    } catch (cause) {
      throw new GeeCacheError('codec-failed', `the value set for key ${show(key)} can't be decoded`, {
        cause,
      })
    }
    const reservation = request?.reservation
    // As if it had come before the change that took its place.
    if (reservation !== undefined && !this.#holdings.reservations.take(key, reservation)) return
    this.#holdings.replace(key, entry)
  }

  async remove(group: string, keys: readonly string[], { round, reservation }: RoundRequest): Promise<void> {
    this.#checkGroup(group)
    // What is no key here is not held here either, and however long it is, nothing is noted of it.
    const held = keys.filter((key) => isKey(key, this.#options.maxKeyBytes))
    this.#holdings.drop(held, round)
    const [key] = held
    if (round === 1 && reservation !== undefined && key !== undefined) {
      this.#holdings.reservations.make(key, reservation)
    }
  }

  async clear(group: string, { round }: RoundRequest): Promise<void> {
    this.#checkGroup(group)
    this.#holdings.dropAll(round)
  }

  #cached(key: string): Entry<V> {
    const entry = this.#lookup.cached(key)
    if (entry !== undefined) return entry
    throw new GeeCacheError(
      'not-cached',
      `key ${show(key)} of group ${show(this.#options.name)} is not cached`,
    )
  }

  #send(entry: Entry<V>, qps?: number): PeerValue {
    if (entry.absence !== undefined) throw entry.absence
    return sentValue(entry, this.#options.now(), qps)
  }

  #admit(group: string, key: string): void {
    this.#checkGroup(group)
    const { name, maxKeyBytes } = this.#options
    if (this.#holdings.closed) throw new GeeCacheError('closed', `group ${show(name)} is closed`)
    checkKey(key, maxKeyBytes)
  }

  #checkGroup(group: string): void {
    const { name } = this.#options
    if (group === name) return
    throw new GeeCacheError('group-unknown', `this is group ${show(name)}, not ${show(group)}`)
  }
}
