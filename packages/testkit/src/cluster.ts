import { HashRing } from '@geecache/consistenthash'
import type { PeerSettings } from './control.ts'
import { violations } from './invariants.ts'
import { Origin, type OriginOptions } from './origin.ts'
import { PeerProcess, type StartOptions } from './peer-process.ts'
import { FaultProxy } from './proxy/fault-proxy.ts'

export type SharedSettings = Omit<PeerSettings, 'originUrl' | 'self'>

export interface ClusterOptions {
  /** How many peers. Default: 5. */
  readonly size?: number
  readonly origin?: OriginOptions
  /** What peers are set up with, besides the origin: all alike, or each by its number. */
  readonly settings?: SharedSettings | ((index: number) => SharedSettings)
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
        ...(await Promise.all(
          Array.from({ length: size }, (_, i) => cluster.#startPeer(i, proxies[i]?.url)),
        )),
      )
      for (const [i, proxy] of proxies.entries()) proxy.target = cluster.peer(i).port
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

  /** The peer of that number. */
  peer(index: number): PeerProcess {
    const peer = this.peers[index]
    if (peer === undefined) throw new RangeError(`there is no peer ${index}`)
    return peer
  }

  /** The proxy before the peer of that number. */
  proxy(index: number): FaultProxy {
    const proxy = this.proxies[index]
    if (proxy === undefined) throw new RangeError(`there is no proxy before peer ${index}`)
    return proxy
  }

  get living(): readonly PeerProcess[] {
    return this.peers.filter((peer) => !peer.hasEnded)
  }

  /** `count` keys that a peer owns while all are there: `prefix` and a number. */
  keysOf(index: number, count: number, prefix: string): readonly string[] {
    const ring = new HashRing().add(...this.urls)
    const keys: string[] = []
    for (let i = 0; keys.length < count; i++) {
      const key = `${prefix}${i}`
      if (ring.get(key) === this.peer(index).url) keys.push(key)
    }
    return keys
  }

  /** Tells all peers who the peers are. */
  async introduce(urls: readonly string[] = this.urls): Promise<void> {
    await Promise.all(this.living.map((peer) => peer.tell('setPeers', urls)))
  }

  /** Starts a process in the place of one that has ended, at the same address. */
  async restart(index: number, settings: Partial<PeerSettings> = {}): Promise<PeerProcess> {
    const before = this.peer(index)
    const proxy = this.proxies[index]
    const peer = await this.#startPeer(index, proxy?.url, {
      ...(proxy === undefined && { port: before.port }),
      ...settings,
    })
    if (proxy !== undefined) proxy.target = peer.port
    this.peers[index] = peer
    await peer.tell('setPeers', this.urls)
    return peer
  }

  /** Starts one more peer, which nobody knows yet. */
  async grow(settings: Partial<PeerSettings> = {}): Promise<PeerProcess> {
    const peer = await this.#startPeer(this.peers.length, undefined, settings)
    this.peers.push(peer)
    return peer
  }

  /**
   * Has every peer use everything there is to use, so that what is measured next does not measure how a process compiles
   * its code and dials its connections.
   */
  async warmUp(): Promise<void> {
    for (let round = 0; round < 4; round++) {
      const keys = Array.from({ length: 100 }, (_, i) => `warm-up-${round}-${i}`)
      await Promise.all(this.peers.map((peer) => peer.tell('getEach', keys)))
    }
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

  #startPeer(
    index: number,
    self: string | undefined,
    settings: Partial<PeerSettings> = {},
  ): Promise<PeerProcess> {
    const shared = this.#options.settings
    const all = {
      ...(typeof shared === 'function' ? shared(index) : shared),
      originUrl: this.origin.url,
      ...(self !== undefined && { self }),
      ...settings,
    }
    return PeerProcess.start(all, this.#options.start)
  }
}
