import type { Entry } from './entry.ts'
import { isGeeCacheError, isOriginError } from './errors.ts'
import type { Landing } from './fenced-flights.ts'
import type { Holdings } from './holdings.ts'
import type { ResolvedOptions } from './options.ts'
import type { PeerAnswer, PeerGetter, PeerValue } from './peers.ts'
import { receivedEntry, receivedValue } from './received.ts'
import type { GroupCounters } from './stats.ts'

// Of a get: the owner, and one that stands in for it. More would cost the caller more than a load.
const mostPeersAsked = 2

/** What fetches of a group have in common. */
export interface FetchContext<V> {
  readonly options: ResolvedOptions<V>
  readonly counters: GroupCounters
  readonly holdings: Holdings<V>
  /** What this process itself has of a key, or loads. */
  own(key: string, signal: AbortSignal | undefined): Promise<Entry<V>>
  /** Counts the get that began the fetch. */
  count(hit: boolean, joins: boolean): void
}

/** One fetch of one key: asks its owner; if that can't be reached, who stands in for it; then this process is who does. */
export class Fetch<V> implements PeerAnswer {
  readonly #context: FetchContext<V>
  readonly #key: string
  readonly #landing: Landing<V>
  #peer: PeerGetter | undefined
  /** Who could not be asked. */
  #failed: Set<PeerGetter> | undefined

  constructor(context: FetchContext<V>, key: string, landing: Landing<V>) {
    this.#context = context
    this.#key = key
    this.#landing = landing
  }

  /** Asks `peer`, and goes on from there. */
  ask(peer: PeerGetter): void {
    this.#peer = peer
    const { name } = this.#context.options
    const signal = this.#signal
    const request = signal && { signal }
    try {
      if (peer.ask !== undefined) {
        peer.ask(name, this.#key, this, request)
        return
      }
      peer.get(name, this.#key, request).then(
        (value) => this.succeed(value),
        (error) => this.fail(error),
      )
    } catch (error) {
      // A peer that is somebody else's.
      this.fail(error)
    }
  }

  /** The peer has answered. */
  succeed(answer: PeerValue): void {
    let value: V
    try {
      value = this.#take(answer)
    } catch (error) {
      this.fail(error)
      return
    }
    this.#context.counters.peerLoads++
    this.#context.count(false, false)
    this.#landing.succeed(value)
  }

  /** The peer has said that there is no value, or could not be asked. */
  fail(error: unknown): void {
    const { counters } = this.#context
    if (this.#signal?.aborted || isOriginError(error)) {
      this.#end(error)
      return
    }
    counters.peerErrors++
    let next: PeerGetter | undefined
    try {
      // After a missed deadline the caller has waited long enough.
      next = isGeeCacheError(error, 'peer-timeout') ? undefined : this.#standIn()
    } catch (thrown) {
      // A picker that is somebody else's: whoever told of the answer must not hear of it, but who waits for it.
      this.#end(thrown)
      return
    }
    if (next === undefined) this.#fallBack()
    else this.ask(next)
  }

  /** What the peer answered; kept, if the key is hot. */
  #take(answer: PeerValue): V {
    const { options, holdings } = this.#context
    const key = this.#key
    const isHot =
      options.hotShare > 0 && holdings.hotKeys.fetched(key, answer.qps ?? 0, () => holdings.others)
    if (!isHot || !this.#landing.valid) return receivedValue(key, answer, options)
    const entry = receivedEntry(key, answer, options, 'peer')
    holdings.keep(key, entry)
    return entry.value as V
  }

  /** Who is to be asked now that `#peer` has failed, if another. */
  #standIn(): PeerGetter | undefined {
    this.#failed ??= new Set()
    const failed = this.#failed.add(this.#peer as PeerGetter)
    if (failed.size >= mostPeersAsked) return undefined
    const next = this.#context.holdings.peers?.pickPeer(this.#key, failed)
    // A picker may know no other, or make its peers anew each time.
    return [...failed].some(({ name }) => name === next?.name) ? undefined : next
  }

  /** This process handles the key itself. */
  #fallBack(): void {
    const kept = this.#context.holdings.caches.peek(this.#key)
    this.#context.own(this.#key, this.#signal).then(
      (entry) => {
        this.#context.count(entry === kept, false)
        if (entry.absence === undefined) this.#landing.succeed(entry.value as V)
        else this.#landing.fail(entry.absence)
      },
      (error) => this.#end(error),
    )
  }

  #end(error: unknown): void {
    this.#context.count(false, false)
    this.#landing.fail(error)
  }

  /** Undefined where nobody can leave: making a signal costs more than all the rest. */
  get #signal(): AbortSignal | undefined {
    return this.#landing.isLeavable ? this.#landing.signal : undefined
  }
}
