import { Caches } from './caches.ts'
import { Embargo } from './embargo.ts'
import type { Entry } from './entry.ts'
import { FencedFlights } from './fenced-flights.ts'
import { HotKeys } from './hot-keys.ts'
import type { ResolvedOptions } from './options.ts'
import type { PeerGetter, PeerPicker, Round } from './peers.ts'
import { Reservations } from './reservations.ts'
import { SharedGets } from './shared-gets.ts'

/** All that a process holds of a group's values: what it has in memory, and what is on its way. */
export class Holdings<V> {
  readonly caches: Caches<V>
  readonly hotKeys: HotKeys
  /** Gets that wait for one of the flights below. */
  readonly gets: SharedGets<V> = new SharedGets()
  /** Getter calls. What peers ask for joins these, and they wait for nothing but the origin. */
  readonly loads: FencedFlights<Entry<V>> = new FencedFlights()
  /** Requests to peers. They may go on to wait for a load; no load waits for a fetch. */
  readonly fetches: FencedFlights<V> = new FencedFlights()
  /** Requests to previous owners, which answer from memory: the one thing besides the origin that loads wait for. */
  readonly handOvers: FencedFlights<Entry<V> | undefined> = new FencedFlights()
  readonly embargo: Embargo
  readonly reservations: Reservations = new Reservations()
  peers: PeerPicker | undefined
  closed = false
  readonly #options: ResolvedOptions<V>

  constructor(options: ResolvedOptions<V>) {
    this.#options = options
    this.embargo = new Embargo(options.now)
    this.hotKeys = new HotKeys(options.hotTtlMs, options.now)
    const onHotExpired = (key: string, hits: number) => this.hotKeys.answered(key, hits)
    const now = options.ownClock ? options.now : undefined
    this.caches = new Caches({ maxBytes: options.maxBytes, hotShare: options.hotShare, now, onHotExpired })
  }

  /** The other processes, as far as they are known. */
  get others(): Iterable<PeerGetter> {
    return this.peers?.peers?.() ?? []
  }

  /** Whether `key` is this process's own, whoever can be reached at present. */
  owns(key: string): boolean {
    const { peers } = this
    return peers?.owns?.(key) ?? peers?.pickPeer(key) === undefined
  }

  /** The peer that may hand the value of `key` over to this process, its new owner. */
  previousOwner(key: string): PeerGetter | undefined {
    const { peers } = this
    if (peers?.previousOwner === undefined || this.embargo.has(key) || !this.owns(key)) return undefined
    return peers.previousOwner(key)
  }

  /** Keeps what was learnt of `key`, where it belongs now: the peers may have changed since the work began. */
  keep(key: string, entry: Entry<V>): void {
    if (this.owns(key)) {
      if (entry.loadedHere) this.#keepMain(key, entry)
      return
    }
    const now = this.#options.now()
    const freshMs = entry.freshUntilMs - now
    if (this.closed || freshMs <= 0) return
    const kept = this.caches.peek(key)
    // What was loaded here answers peers as well; a copy would not.
    if (!entry.loadedHere && kept?.loadedHere && kept.freshUntilMs > now) return
    this.caches.keepHot(key, entry, Math.min(freshMs, this.#options.hotTtlMs))
  }

  /** Takes `entry` for the value of `key`, whatever is held of it or on its way. */
  replace(key: string, entry: Entry<V>): void {
    this.drop([key], 1)
    this.keep(key, entry)
  }

  /** Lets go of `keys`, as far as a round of a removal says. */
  drop(keys: Iterable<string>, round: Round): void {
    for (const key of keys) {
      this.gets.fence(key)
      this.fetches.fence(key)
      this.handOvers.fence(key)
      if (round === 2) {
        this.caches.deleteFetched(key)
      } else {
        this.loads.fence(key)
        this.caches.delete(key)
        this.reservations.cancel(key)
        if (this.peers?.previousOwner !== undefined) this.embargo.add(key)
      }
    }
  }

  /** Lets go of everything, as far as a round of a removal says. */
  dropAll(round: Round): void {
    this.gets.fenceAll()
    this.fetches.fenceAll()
    this.handOvers.fenceAll()
    if (round === 2) {
      this.caches.clearFetched()
    } else {
      this.loads.fenceAll()
      this.caches.clear()
      this.reservations.cancelAll()
      this.embargo.addAll()
    }
  }

  #keepMain(key: string, entry: Entry<V>): void {
    const freshMs = entry.freshUntilMs - this.#options.now()
    if (this.closed || freshMs <= 0) return
    const { staleWhileRevalidateMs, staleIfErrorMs } = this.#options
    const staleMs = entry.absence === undefined ? Math.max(staleWhileRevalidateMs, staleIfErrorMs) : 0
    this.caches.keepMain(key, entry, freshMs + staleMs)
  }
}
