import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GeeCacheError, type Group, type PeerGetter, type PeerPicker } from '@geecache/core'
import { HTTPClient } from './client/http-client.ts'
import type { LinkOptions } from './client/peer-link.ts'
import { LoopWatch } from './loop-watch.ts'
import { type Member, Members } from './members.ts'
import type { HTTPPoolOptions } from './options.ts'
import { isLoopback, normalizePeerUrl } from './peer-url.ts'
import { type ResolvedOptions, resolveOptions } from './resolve-options.ts'
import { FetchServer } from './server/fetch-server.ts'
import { NodeServer } from './server/node-server.ts'
import { PeerServer } from './server/peer-server.ts'
import { type HTTPPoolStats, newPoolCounters, type PoolCounters } from './stats.ts'

/**
 * The peers of this process over HTTP: says which of them owns a key, asks it, and serves what they ask.
 *
 * It serves on a server of its own (`listen`), or in yours (`handler` for node:http, Express and Fastify, `fetch` for
 * Hono), under `basePath`.
 */
export class HTTPPool implements PeerPicker {
  /** This peer's base URL, as the others know it. */
  readonly self: string
  readonly #options: ResolvedOptions
  readonly #counters: PoolCounters = newPoolCounters()
  readonly #watch = new LoopWatch()
  readonly #peerServer: PeerServer
  readonly #nodeServer: NodeServer
  readonly #fetchServer: FetchServer
  readonly #clients = new Map<string, HTTPClient>()
  /** Those of peers that are in the list no more, until what runs has ended. */
  readonly #formerClients = new Set<HTTPClient>()
  #members: Members
  /** Who the peers were before the last change, and until when that is of interest. */
  #previous: { readonly members: Members; readonly untilMs: number } | undefined
  /** Settles when this is closed; undefined until it has to. */
  /** Who the other peers were when the pool was closed. */
  #left: readonly PeerGetter[] | undefined
  #closed: Promise<void> | undefined

  /** Throws GeeCacheError `invalid-option` when `self` or an option is wrong. */
  constructor(self: string, options: HTTPPoolOptions = {}) {
    this.#options = resolveOptions(options)
    this.self = this.#normalize(self)
    this.#peerServer = new PeerServer(this.#options, this.#counters, this.#watch)
    this.#nodeServer = new NodeServer(this.#peerServer, this.#options, this.#options.tls, this.#counters)
    this.#fetchServer = new FetchServer(this.#peerServer)
    this.#members = new Members([], this.#options.ring)
  }

  /**
   * Says who the peers are, by their base URLs, this one included; in any order, as often as they change.
   *
   * Requests that are running go on. Connections to peers that stay are kept; those to peers that leave are closed
   * when nothing runs on them. Throws GeeCacheError `invalid-option`, and changes nothing, for a wrong URL or a list
   * without this peer; `closed` after `close`. Without any peers this process owns all keys.
   */
  set(...peers: string[]): void {
    if (this.#closed !== undefined) throw new GeeCacheError('closed', 'this pool is closed')
    // Peers in Go hash the text they were given; ours agree on the URL, however each has it spelled.
    const names = new Map(peers.map((peer) => [this.#normalize(peer), this.#options.ring ? peer : undefined]))
    if (names.size > 0 && !names.has(this.self)) {
      const list = [...names.keys()].join(', ')
      throw new GeeCacheError('invalid-option', `the peers must include this one, ${this.self}, got ${list}`)
    }
    const members = [...names].map(([url, name]): Member => {
      return { name: name ?? url, client: url === this.self ? undefined : this.#clientOf(url) }
    })
    // Who says the same again, as a look-up does now and then, has changed nothing.
    if (this.#members.isOf(members)) return
    this.#rememberPrevious(members)
    this.#members = new Members(members, this.#options.ring)
    for (const [url, client] of this.#clients) {
      if (names.has(url)) continue
      this.#clients.delete(url)
      this.#formerClients.add(client)
      void client.close().then(() => this.#formerClients.delete(client))
    }
    this.#watch.start()
  }

  /**
   * Serves `group` to the peers, and sends its misses to them. Throws GeeCacheError `invalid-option` if a group of
   * that name is served already, or the group has its peers from elsewhere.
   */
  register(group: Pick<Group<unknown>, 'name' | 'local' | 'registerPeers'>): this {
    if (this.#peerServer.has(group.name)) {
      throw new GeeCacheError(
        'invalid-option',
        `a group named ${JSON.stringify(group.name)} is served already`,
      )
    }
    group.registerPeers(this)
    this.#peerServer.add(group.name, group.local)
    return this
  }

  /**
   * The peer to ask for `key`: its owner, or the next one on the ring while that is out or among `failed`; undefined
   * when it is this process, or there are no peers.
   */
  pickPeer(key: string, failed?: ReadonlySet<PeerGetter>): PeerGetter | undefined {
    return this.#members.pick(key, failed)
  }

  /** Whether this process owns `key`, whoever can be reached at present. */
  owns(key: string): boolean {
    return this.#members.owns(key)
  }

  /** The peer that owned `key` before the peers changed last, if that was not long ago and it still is a peer. */
  previousOwner(key: string): PeerGetter | undefined {
    const previous = this.#previous
    if (previous === undefined) return undefined
    if (performance.now() > previous.untilMs) {
      this.#previous = undefined
      return undefined
    }
    const owner = previous.members.ownerOf(key)
    return owner === undefined || owner.isOut || this.#clients.get(owner.name) !== owner ? undefined : owner
  }

  /** Every other peer; of a pool that is closed, every one that was: a removal has to say that it did not reach them. */
  peers(): Iterable<PeerGetter> {
    return this.#left ?? this.#members.others
  }

  /**
   * Serves peers in a server of yours: node:http, Express, Fastify and others alike. Paths outside `basePath` go to
   * `next`, or are answered with 404 where there is none.
   */
  readonly handler = (request: IncomingMessage, response: ServerResponse, next?: () => void): void => {
    if (this.#closed === undefined) this.#watch.start()
    this.#nodeServer.handle(request, response, next)
  }

  /** Serves peers in a server of yours that speaks in terms of the Fetch standard, such as Hono. */
  readonly fetch = (request: Request): Promise<Response> => {
    if (this.#closed === undefined) this.#watch.start()
    return this.#fetchServer.answer(request)
  }

  /**
   * Serves peers on a server of this pool's own, at the host and port of `self`. Rejects when they can't be bound,
   * and with GeeCacheError `invalid-option` when other machines could reach them, unless there is a `secret`, `tls`, or
   * `insecure` is set.
   */
  async listen(): Promise<AddressInfo> {
    const { hostname, port } = new URL(this.self)
    const { secrets, tls, insecure } = this.#options
    if (!isLoopback(hostname) && secrets.length === 0 && tls === undefined && !insecure) {
      const message = `${this.self} is open to other machines, and who reaches it can read and write the cache: give the peers a secret or certificates (options secret and tls), or say insecure: true`
      throw new GeeCacheError('invalid-option', message)
    }
    this.#watch.start()
    const defaultPort = tls === undefined ? 80 : 443
    return this.#nodeServer.listen(hostname.replace(/^\[|\]$/g, ''), Number(port || defaultPort))
  }

  /**
   * Leaves: refuses requests from now on, in a way that tells peers so, answers those that are running, waits for what it
   * has asked itself, and closes all connections. What has not ended after `drainMs` is cut off. Keys that are asked for
   * afterwards are handled in this process; what is removed or set afterwards is so here, and rejects with
   * `remove-incomplete`.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#peerServer.leave()
    this.#left = [...this.#members.others]
    this.#members = new Members([], this.#options.ring)
    const clients = [...this.#clients.values(), ...this.#formerClients]
    this.#clients.clear()
    const { drainMs } = this.#options
    const cut = setTimeout(() => {
      for (const client of clients) void client.destroy()
    }, drainMs)
    await Promise.all([
      this.#nodeServer.close(drainMs),
      this.#fetchServer.close(drainMs),
      ...clients.map((client) => client.close()),
    ])
    clearTimeout(cut)
    this.#watch.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** What this pool has done so far, and how its peers are doing. */
  get stats(): HTTPPoolStats {
    const peers = [...this.#clients.values()].map(({ name, isOut }) => ({ url: name, isOut }))
    return { ...this.#counters, peers }
  }

  #normalize(url: string): string {
    return normalizePeerUrl(url, this.#options.tls === undefined ? 'http' : 'https')
  }

  #clientOf(url: string): HTTPClient {
    const known = this.#clients.get(url)
    if (known !== undefined) return known
    const mayOpen = () => this.#mayLeaveOneMoreAlone()
    const context = { counters: this.#counters, watch: this.#watch, mayOpen }
    const client = new HTTPClient(url, linkOptions(this.#options), context)
    this.#clients.set(url, client)
    return client
  }

  /**
   * At most half of the peers, this one included, may be left alone. Who finds that more have failed has perhaps lost
   * his own way out, and the rest would be overrun.
   */
  #mayLeaveOneMoreAlone(): boolean {
    let out = 0
    for (const client of this.#clients.values()) if (client.isOut) out++
    return out + 1 <= this.#members.size / 2
  }

  /** Who comes as the first thing into a cluster that runs takes over keys that the others have had. */
  #rememberPrevious(members: readonly Member[]): void {
    const { handover, ring } = this.#options
    if (handover === undefined) return
    const wasAlone = this.#members.size <= 1
    const previous = wasAlone
      ? new Members(
          members.filter(({ client }) => client !== undefined),
          ring,
        )
      : this.#members
    this.#previous = { members: previous, untilMs: performance.now() + handover.forMs }
  }
}

function linkOptions(options: ResolvedOptions): LinkOptions {
  const { timeoutMs, handover, maxConnectionsPerPeer } = options
  return {
    ...options,
    handoverTimeoutMs: handover?.timeoutMs ?? timeoutMs,
    maxConnections: maxConnectionsPerPeer,
  }
}
