import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HashRing } from '@geecache/consistenthash'
import { GeeCacheError, type Group, type PeerGetter, type PeerPicker } from '@geecache/core'
import { HTTPClient } from './http-client.ts'
import { type HTTPPoolOptions, type ResolvedOptions, resolveOptions } from './options.ts'
import { PeerServer } from './peer-server.ts'
import { isLoopback, normalizePeerUrl } from './peer-url.ts'

/** The peers as of the last `set`, replaced as a whole so that no request sees half of a change. */
interface Members {
  readonly ring: HashRing
  readonly clients: ReadonlyMap<string, HTTPClient>
}

/**
 * The peers of this process over HTTP: says which of them owns a key, asks it, and serves what they ask.
 *
 * It serves on a server of its own (`listen`) or as a handler in yours (`handler`), under `basePath`.
 */
export class HTTPPool implements PeerPicker {
  /** This peer's base URL, as the others know it. */
  readonly self: string
  readonly #options: ResolvedOptions
  readonly #server: PeerServer
  #members: Members

  /** Throws GeeCacheError `invalid-option` when `self` or an option is wrong. */
  constructor(self: string, options: HTTPPoolOptions = {}) {
    this.self = normalizePeerUrl(self)
    this.#options = resolveOptions(options)
    this.#server = new PeerServer(this.#options)
    this.#members = { ring: new HashRing(this.#options.ring), clients: new Map() }
  }

  /**
   * Says who the peers are, by their base URLs, this one included; in any order, as often as they change.
   *
   * Requests that are running go on. Connections to peers that stay are kept; those to peers that leave are closed
   * when nothing runs on them. Throws GeeCacheError `invalid-option`, and changes nothing, for a wrong URL or a list
   * without this peer. Without any peers this process owns all keys.
   */
  set(...peers: string[]): void {
    const urls = new Set(peers.map(normalizePeerUrl))
    if (urls.size > 0 && !urls.has(this.self)) {
      const list = [...urls].join(', ')
      throw new GeeCacheError('invalid-option', `the peers must include this one, ${this.self}, got ${list}`)
    }
    const before = this.#members.clients
    const clients = new Map<string, HTTPClient>()
    for (const url of urls) {
      if (url !== this.self) clients.set(url, before.get(url) ?? new HTTPClient(url, this.#options))
    }
    this.#members = { ring: new HashRing(this.#options.ring).add(...urls), clients }
    for (const [url, client] of before) if (!clients.has(url)) void client.close()
  }

  /**
   * Serves `group` to the peers, and sends its misses to them. Throws GeeCacheError `invalid-option` if a group of
   * that name is served already, or the group has its peers from elsewhere.
   */
  register(group: Pick<Group<unknown>, 'name' | 'local' | 'registerPeers'>): this {
    if (this.#server.has(group.name)) {
      throw new GeeCacheError(
        'invalid-option',
        `a group named ${JSON.stringify(group.name)} is served already`,
      )
    }
    group.registerPeers(this)
    this.#server.add(group.name, group.local)
    return this
  }

  /** The peer that owns `key`; undefined when this process does, or there are no peers. */
  pickPeer(key: string): PeerGetter | undefined {
    const { ring, clients } = this.#members
    const owner = ring.get(key)
    return owner === undefined ? undefined : clients.get(owner)
  }

  /** Every other peer. */
  peers(): Iterable<PeerGetter> {
    return this.#members.clients.values()
  }

  /**
   * Serves peers in a server of yours: node:http, Express and others alike. Paths outside `basePath` go to `next`,
   * or are answered with 404 where there is none.
   */
  readonly handler = (request: IncomingMessage, response: ServerResponse, next?: () => void): void => {
    this.#server.handle(request, response, next)
  }

  /**
   * Serves peers on a server of this pool's own, at the host and port of `self`. Rejects when they can't be bound,
   * and with GeeCacheError `invalid-option` when other machines could reach them, unless `insecure` is set.
   */
  async listen(): Promise<AddressInfo> {
    const { hostname, port } = new URL(this.self)
    if (!isLoopback(hostname) && !this.#options.insecure) {
      const message = `${this.self} is open to other machines, and who reaches it can read and write the cache: to allow that, set insecure: true`
      throw new GeeCacheError('invalid-option', message)
    }
    return this.#server.listen(hostname.replace(/^\[|\]$/g, ''), Number(port || 80))
  }

  /**
   * Leaves: refuses requests from now on, answers those that are running, and closes all connections. What has not
   * ended after `timeoutMs` is cut off. Keys that are asked for afterwards are handled in this process.
   */
  async close(): Promise<void> {
    const { clients } = this.#members
    this.#members = { ring: new HashRing(this.#options.ring), clients: new Map() }
    await Promise.all([
      this.#server.close(this.#options.timeoutMs),
      ...[...clients.values()].map((client) => client.close()),
    ])
  }
}
