import { HashRing, type HashRingOptions } from '@geecache/consistenthash'
import type { PeerGetter } from '@geecache/core'
import type { HTTPClient } from './client/http-client.ts'

/** A peer as it was named, and its client; this process has none. */
export interface Member {
  /** Its name on the ring. */
  readonly name: string
  readonly client: HTTPClient | undefined
}

/**
 * The peers as of one `set`, replaced as a whole so that no request sees half of a change: who owns a key, and who
 * stands in for an owner that can't be asked.
 */
export class Members {
  readonly #ring: HashRing
  readonly #clients = new Map<string, HTTPClient>()
  readonly #self: string | undefined
  readonly #names: readonly string[]

  constructor(members: readonly Member[], ring: HashRingOptions | undefined) {
    this.#ring = new HashRing(ring).add(...members.map(({ name }) => name))
    this.#names = members.map(({ name }) => name).sort()
    this.#self = members.find(({ client }) => client === undefined)?.name
    for (const { name, client } of members) if (client !== undefined) this.#clients.set(name, client)
  }

  /** Whether these are the same peers, by the names they have. */
  isOf(members: readonly Member[]): boolean {
    const names = members.map(({ name }) => name).sort()
    return names.length === this.#names.length && names.every((name, i) => name === this.#names[i])
  }

  /** Every peer but this one. */
  get others(): Iterable<HTTPClient> {
    return this.#clients.values()
  }

  /** How many there are, this one included. */
  get size(): number {
    return this.#ring.size
  }

  /** Whether this process owns `key`, whoever can be reached. */
  owns(key: string): boolean {
    return this.#self === undefined || this.#ring.get(key) === this.#self
  }

  /** Who owns `key`, whether it can be reached or not; undefined for this process. */
  ownerOf(key: string): HTTPClient | undefined {
    return this.#clients.get(this.#ring.get(key) as string)
  }

  /** The first in ring order that is not out and has not `failed`; undefined for this process. */
  pick(key: string, failed: ReadonlySet<PeerGetter> | undefined): HTTPClient | undefined {
    const owner = this.ownerOf(key)
    if (owner === undefined || (!owner.isOut && !failed?.has(owner))) return owner
    const name = this.#ring.pick(key, (candidate) => {
      const client = this.#clients.get(candidate)
      return client === undefined || (!client.isOut && !failed?.has(client))
    })
    return name === undefined ? undefined : this.#clients.get(name)
  }
}
