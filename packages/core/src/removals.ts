import { Arrears, type Owed } from './arrears.ts'
import { type Entry, sentValue } from './entry.ts'
import { RemoveIncompleteError } from './errors.ts'
import type { Holdings } from './holdings.ts'
import type { ResolvedOptions } from './options.ts'
import type { PeerGetter } from './peers.ts'
import { type Notice, tellInRounds } from './rounds.ts'

/** Takes values back everywhere: in this process, and at every peer that can be told. */
export class Removals<V> {
  readonly #group: string
  readonly #maxBytes: number
  readonly #now: () => number
  readonly #holdings: Holdings<V>
  readonly #arrears: Arrears

  constructor({ name, maxBytes, now }: ResolvedOptions<V>, holdings: Holdings<V>) {
    this.#group = name
    this.#maxBytes = maxBytes
    this.#now = now
    this.#holdings = holdings
    const find = (peer: PeerGetter) => this.#peerLike(peer)
    this.#arrears = new Arrears(find, (peer, owed) => this.#tellAgain(peer, owed))
  }

  /** Has everybody drop `keys`. Rejects with {@link RemoveIncompleteError} when a peer could not be told. */
  remove(keys: readonly string[]): Promise<void> {
    return this.#announce(keys, {
      here: (round) => this.#holdings.drop(keys, round),
      tell: (peer, round) => peer.remove?.(this.#group, keys, { round }),
    })
  }

  /** Has everybody drop everything. */
  clear(): Promise<void> {
    return this.#announce('all', {
      here: (round) => this.#holdings.dropAll(round),
      tell: (peer, round) => peer.clear?.(this.#group, { round }),
    })
  }

  /**
   * Has everybody drop the old value of `key`, and gives its owner the new one in the second round, by what it has reserved
   * there in the first. A value larger than the budget could not be kept there either, so it is not sent.
   */
  set(key: string, entry: Entry<V>): Promise<void> {
    if (entry.size > this.#maxBytes) return this.remove([key])
    const { peers, reservations } = this.#holdings
    const owner = peers?.pickPeer(key)
    const reservation = crypto.randomUUID()
    // An owner that has not answered may have yet to hear of the reservation, and must not get the value after that.
    let isReserved = false
    const reserve = async (told: Promise<void>) => {
      await told
      isReserved = true
    }
    return this.#announce([key], {
      here: (round) => {
        if (round === 2 && owner === undefined && reservations.take(key, reservation)) {
          this.#holdings.replace(key, entry)
          return
        }
        this.#holdings.drop([key], round)
        if (round === 1 && owner === undefined) reservations.make(key, reservation)
      },
      tell: (peer, round) => {
        if (peer === owner && round === 1) {
          const told = peer.remove?.(this.#group, [key], { round, reservation })
          return told && reserve(told)
        }
        if (peer === owner && isReserved) {
          return peer.set?.(this.#group, key, sentValue(entry, this.#now()), { reservation })
        }
        return peer.remove?.(this.#group, [key], { round })
      },
    })
  }

  /** Tells nobody any more. */
  close(): void {
    this.#arrears.close()
  }

  async #announce(keys: readonly string[] | 'all', notice: Notice): Promise<void> {
    // What was missed before is dropped with this; told later, it would drop what came after.
    const before = this.#arrears.takeBack(keys)
    const told = tellInRounds(() => this.#everyone(keys), notice)
    // None, if a picker that is somebody else's has thrown.
    const { heard } = await told.catch(() => ({ heard: [] }))
    for (const [peer, owed] of before) {
      if (!heard.some(({ name }) => name === peer.name)) this.#arrears.owe(peer, owed)
    }
    const { missed } = await told
    if (missed.size === 0) return
    for (const peer of missed.keys()) this.#arrears.owe(peer, keys)
    const names = [...missed.keys()].map((peer) => peer.name)
    const message = `not told yet, and may answer with old values until they are, which goes on by itself: ${names.join(', ')}`
    throw new RemoveIncompleteError(message, names, { cause: [...missed.values()][0] })
  }

  /** Both rounds for one peer; the second one for all, who may have fetched old values from it. */
  async #tellAgain(peer: PeerGetter, owed: Owed): Promise<void> {
    const tell = (to: PeerGetter, round: 1 | 2) =>
      owed === 'all' ? to.clear?.(this.#group, { round }) : to.remove?.(this.#group, [...owed], { round })
    const told = tell(peer, 1)
    if (told === undefined) throw new TypeError('this peer has no way to be told')
    await told
    // Twice: a new owner may have taken the old value over from this peer, and gives it away until it is told in turn.
    for (let time = 1; time <= 2; time++) {
      if (owed === 'all') this.#holdings.dropAll(2)
      else this.#holdings.drop(owed, 2)
      const others = [...this.#everyone([])].filter((other) => other.name !== peer.name)
      const everyone = [peer, ...others]
      const outcomes = await Promise.allSettled(everyone.map((each) => tell(each, 2)))
      // Who missed this may have fetched the old value meanwhile, and is told both rounds in turn.
      for (const [i, outcome] of outcomes.entries()) {
        if (outcome.status === 'rejected') this.#arrears.owe(everyone[i] as PeerGetter, owed)
      }
    }
  }

  /** The peer of the same name as it is now; the very one where the picker does not list its peers. */
  #peerLike(peer: PeerGetter): PeerGetter | undefined {
    const { peers } = this.#holdings
    if (peers?.peers === undefined) return peer
    return [...peers.peers()].find(({ name }) => name === peer.name)
  }

  /** Every other peer, the owners of `keys` among them also where the picker does not list its peers. */
  #everyone(keys: readonly string[] | 'all'): Set<PeerGetter> {
    const { peers } = this.#holdings
    const everyone = new Set(peers?.peers?.())
    if (keys === 'all' || peers === undefined) return everyone
    for (const key of keys) {
      const owner = peers.pickPeer(key)
      if (owner !== undefined) everyone.add(owner)
    }
    return everyone
  }
}
