import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Group, text } from '@geecache/core'
import { HTTPPool } from '../src/http-pool.ts'
import type { HTTPPoolOptions } from '../src/options.ts'

/** A peer in this process, whose getter says who loaded, behind a server that can be taken away. */
export class TestPeer {
  readonly url: string
  readonly pool: HTTPPool
  readonly group: Group<string>
  /** The keys that its getter was asked for. */
  readonly loads: string[] = []
  /** What its getter makes of them. */
  load = (key: string): string => `${key} of ${this.url}`
  #server: Server

  private constructor(server: Server, options: HTTPPoolOptions) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    this.pool = new HTTPPool(this.url, { timeoutMs: 60_000, ...options })
    const getter = (key: string) => {
      this.loads.push(key)
      return this.load(key)
    }
    this.group = new Group({ name: 'scores', maxBytes: 2 ** 20, codec: text(), getter })
    this.pool.register(this.group)
    server.on('request', (request, response) => this.pool.handler(request, response))
  }

  static async start(options: HTTPPoolOptions = {}): Promise<TestPeer> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new TestPeer(server, options)
  }

  /** From now on nobody listens at its address. */
  async kill(): Promise<void> {
    if (!this.#server.listening) return
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  /** Somebody does again. */
  async revive(): Promise<void> {
    this.#server = createServer((request, response) => this.pool.handler(request, response))
    this.#server.listen(Number(new URL(this.url).port), '127.0.0.1')
    await once(this.#server, 'listening')
  }

  async stop(): Promise<void> {
    await this.pool.close()
    await this.group.close()
    await this.kill()
  }
}

/** Peers that know each other. */
export async function startPeers(count: number, options: HTTPPoolOptions = {}): Promise<TestPeer[]> {
  const peers = await Promise.all(Array.from({ length: count }, () => TestPeer.start(options)))
  for (const { pool } of peers) pool.set(...peers.map(({ url }) => url))
  return peers
}

/** Who owns `key`, as `peer` sees it. */
export function ownerSeenBy(peer: TestPeer, key: string): string {
  return peer.pool.pickPeer(key)?.name ?? peer.url
}
