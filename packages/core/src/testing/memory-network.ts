import { GeeCacheError } from '../errors.ts'
import type { Group } from '../group.ts'
import { leavable } from '../leavable.ts'
import type { PeerGetter, PeerPicker, PeerRequest } from '../peers.ts'
import { withTimeLimit } from '../time-limit.ts'

/** A message between two peers of a {@link MemoryNetwork}. */
export interface Message {
  /** Names of the peers. */
  readonly from: string
  readonly to: string
  /** What is asked. */
  readonly call: 'get' | 'set' | 'remove' | 'clear'
  /** Whether this is the request, or its answer on the way back. */
  readonly leg: 'request' | 'answer'
  readonly group: string
  /** The keys it is about; none for clear. */
  readonly keys: readonly string[]
}

export interface MemoryNetworkOptions {
  /**
   * Which peer owns `key`, as the peer named `viewer` sees it. Default: the same one for every viewer, spread evenly.
   * Where viewers are told different things, their rings disagree.
   */
  readonly ownerOf?: ((key: string, viewer: string, peers: readonly string[]) => string) | undefined
  /**
   * Which peer owned `key` before, as the peer named `viewer` sees it, which is asked to hand its value over. Default:
   * nobody.
   */
  readonly previousOwnerOf?:
    | ((key: string, viewer: string, peers: readonly string[]) => string | undefined)
    | undefined
  /**
   * Carries a message: resolves when it arrives, rejects when it is lost. Default: it arrives at once. Waiting here is
   * delay, rejecting is loss, and a promise that never settles is a peer that does not answer.
   */
  readonly carry?: ((message: Message) => Promise<void>) | undefined
  /**
   * Milliseconds after which a sender has waited long enough for an answer, and fails with `peer-timeout`. What it has sent
   * goes on and may arrive later, as on any network. Default: it waits for ever.
   */
  readonly timeoutMs?: number | undefined
}

/** The part of a group that a network needs. */
export type NetworkedGroup = Pick<Group<unknown>, 'local' | 'registerPeers'>

/**
 * A cluster in one process: groups connected without sockets. For tests of what an application does with a cluster,
 * with delay, loss and disagreement under the test's control.
 */
export class MemoryNetwork {
  readonly #ownerOf: NonNullable<MemoryNetworkOptions['ownerOf']>
  readonly #previousOwnerOf: MemoryNetworkOptions['previousOwnerOf']
  readonly #carry: NonNullable<MemoryNetworkOptions['carry']>
  readonly #timeoutMs: number | undefined
  readonly #peers = new Map<string, NetworkedGroup>()
  readonly #links = new Map<string, PeerGetter>()

  constructor(options: MemoryNetworkOptions = {}) {
    this.#ownerOf = options.ownerOf ?? spreadEvenly
    this.#previousOwnerOf = options.previousOwnerOf
    this.#carry = options.carry ?? (async () => {})
    this.#timeoutMs = options.timeoutMs
  }

  /** Makes `group` a peer of that name, and registers this network with it. */
  join(name: string, group: NetworkedGroup): this {
    if (this.#peers.has(name)) throw new Error(`there is a peer named ${JSON.stringify(name)} already`)
    group.registerPeers(this.#pickerOf(name))
    this.#peers.set(name, group)
    return this
  }

  /** Takes a peer out, as if its process had gone. */
  leave(name: string): void {
    this.#peers.delete(name)
  }

  /** The names of the peers. */
  get peers(): string[] {
    return [...this.#peers.keys()]
  }

  #pickerOf(viewer: string): PeerPicker {
    const linkTo = (name: string | undefined) =>
      name === undefined || name === viewer ? undefined : this.#link(viewer, name)
    const previousOwnerOf = this.#previousOwnerOf
    return {
      pickPeer: (key, failed = new Set()) => {
        const passedOver = new Set([...failed].map(({ name }) => name))
        const left = this.peers.filter((name) => !passedOver.has(name))
        return left.length === 0 ? undefined : linkTo(this.#ownerOf(key, viewer, left))
      },
      owns: (key) => this.#ownerOf(key, viewer, this.peers) === viewer,
      ...(previousOwnerOf && { previousOwner: (key) => linkTo(previousOwnerOf(key, viewer, this.peers)) }),
      peers: () => this.peers.filter((name) => name !== viewer).map((name) => this.#link(viewer, name)),
    }
  }

  #link(from: string, to: string): PeerGetter {
    const id = JSON.stringify([from, to])
    const link = this.#links.get(id) ?? this.#connect(from, to)
    this.#links.set(id, link)
    return link
  }

  #connect(from: string, to: string): PeerGetter {
    const exchange = async <T>(
      call: Message['call'],
      group: string,
      keys: readonly string[],
      deliver: (peer: Required<PeerGetter>) => Promise<T>,
    ): Promise<T> => {
      const message = { from, to, call, group, keys }
      await this.#carry({ ...message, leg: 'request' })
      const peer = this.#peers.get(to)
      if (peer === undefined) throw new Error(`there is no peer named ${JSON.stringify(to)}`)
      const [outcome] = await Promise.allSettled([deliver(peer.local as Required<PeerGetter>)])
      await this.#carry({ ...message, leg: 'answer' })
      if (outcome.status === 'rejected') throw outcome.reason
      return outcome.value
    }
    const send = <T>(
      call: Message['call'],
      group: string,
      keys: readonly string[],
      request: PeerRequest | undefined,
      deliver: (peer: Required<PeerGetter>) => Promise<T>,
    ): Promise<T> =>
      leavable(
        this.#inTime(to, () => exchange(call, group, keys, deliver)),
        request?.signal,
      )
    return {
      name: to,
      get: (group, key, request) =>
        send('get', group, [key], request, (peer) => peer.get(group, key, request)),
      set: (group, key, value, request) =>
        send('set', group, [key], request, (peer) => peer.set(group, key, value, request)),
      remove: (group, keys, request) =>
        send('remove', group, keys, request, (peer) => peer.remove(group, keys, request)),
      clear: (group, request) => send('clear', group, [], request, (peer) => peer.clear(group, request)),
    }
  }

  /** What `exchange` with the peer named `to` brings, if that is in time; it goes on in any case. */
  #inTime<T>(to: string, exchange: () => Promise<T>): Promise<T> {
    const ms = this.#timeoutMs
    if (ms === undefined) return exchange()
    const late = () => new GeeCacheError('peer-timeout', `peer ${to} did not answer within ${ms} ms`)
    return withTimeLimit(ms, late, new AbortController().signal, exchange)
  }
}

/** The peer whose name hashes highest together with the key (rendezvous hashing, Thaler and Ravishankar, 1998). */
function spreadEvenly(key: string, _viewer: string, peers: readonly string[]): string {
  const weight = (peer: string) => hashOf(`${peer}\0${key}`)
  return peers.reduce((best, peer) => (weight(peer) > weight(best) ? peer : best))
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> 0
}
