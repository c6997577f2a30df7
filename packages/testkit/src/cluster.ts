import type { PeerSettings } from './control.ts'
import { violations } from './invariants.ts'
import { Origin, type OriginOptions } from './origin.ts'
import { PeerProcess, type StartOptions } from './peer-process.ts'
import { FaultProxy } from './proxy/fault-proxy.ts'

export interface ClusterOptions {
  /** How many peers. Default: 5. */
  readonly size?: number
  readonly origin?: OriginOptions
  /** What all peers are set up with, besides the origin. */
  readonly settings?: Omit<PeerSettings, 'originUrl' | 'self'>
  /** Whether each peer is reached through a proxy of its own. Default: false. */
  readonly proxied?: boolean
  readonly seed?: number
  readonly start?: StartOptions
}

/** Peer processes that know each other, and their origin. */
export class Cluster implements AsyncDisposable {
  readonly origin: Origin
  readonly peers: PeerProcess[]
  /** The proxy before each peer, in the same order; none if not asked for. */
  readonly proxies: readonly FaultProxy[]
  readonly #options: ClusterOptions

  private constructor(
    origin: Origin,
    peers: PeerProcess[],
    proxies: readonly FaultProxy[],
    options: ClusterOptions,
  ) {
    this.origin = origin
    this.peers = peers
    this.proxies = proxies
    this.#options = options
  }

  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const { size = 5, proxied = false, seed = 1 } = options
    const origin = await Origin.start(options.origin)
    const proxies = await Promise.all(
      Array.from({ length: proxied ? size : 0 }, (_, i) => FaultProxy.start({ seed: seed + i })),
    )
    const cluster = new Cluster(origin, [], proxies, options)
    try {
      cluster.peers.push(
        ...(await Promise.all(Array.from({ length: size }, (_, i) => cluster.#startPeer(proxies[i]?.url)))),
      )
      for (const [i, proxy] of proxies.entries()) proxy.target = cluster.peers[i]?.port
      await cluster.introduce()
    } catch (error) {
      await cluster[Symbol.asyncDispose]()
      throw error
    }
    return cluster
  }

  get urls(): readonly string[] {
    return this.peers.map(({ url }) => url)
  }

  get living(): readonly PeerProcess[] {
    return this.peers.filter((peer) => !peer.hasEnded)
  }

  /** Tells all peers who the peers are. */
  async introduce(urls: readonly string[] = this.urls): Promise<void> {
    await Promise.all(this.living.map((peer) => peer.tell('setPeers', urls)))
  }

  /** Starts a process in the place of one that has ended, at the same address. */
  async restart(index: number, settings: Partial<PeerSettings> = {}): Promise<PeerProcess> {
    const before = this.peers[index] as PeerProcess
    const proxy = this.proxies[index]
    const peer = await this.#startPeer(proxy?.url, {
      ...(proxy === undefined && { port: before.port }),
      ...settings,
    })
    if (proxy !== undefined) proxy.target = peer.port
    this.peers[index] = peer
    await peer.tell('setPeers', this.urls)
    return peer
  }

  /** Starts one more peer, which nobody knows yet. */
  async grow(): Promise<PeerProcess> {
    const peer = await this.#startPeer(undefined)
    this.peers.push(peer)
    return peer
  }

  /** What does not hold of the processes, though it must; see invariants.ts. */
  violations(): Promise<readonly string[]> {
    return violations(this.peers)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.peers.map((peer) => peer[Symbol.asyncDispose]()))
    await Promise.all(this.proxies.map((proxy) => proxy[Symbol.asyncDispose]()))
    await this.origin[Symbol.asyncDispose]()
  }

  #startPeer(self: string | undefined, settings: Partial<PeerSettings> = {}): Promise<PeerProcess> {
    const all = {
      ...this.#options.settings,
      originUrl: this.origin.url,
      ...(self !== undefined && { self }),
      ...settings,
    }
    return PeerProcess.start(all, this.#options.start)
  }
}
