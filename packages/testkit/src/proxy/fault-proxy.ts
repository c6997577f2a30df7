import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { type Random, seededRandom } from './random.ts'
import { realTime, type Scheduler } from './scheduler.ts'
import type { Affliction, Link, Toxic } from './toxic.ts'

export interface FaultProxyOptions {
  /** The port on this machine that everything goes to; `target` may change it later. */
  readonly target?: number
  /** What all chance comes from. Default: 1. */
  readonly seed?: number
  /** Default: real time. */
  readonly scheduler?: Scheduler
  /** Connections at a time; more are refused. Default: 1000. */
  readonly maxConnections?: number
}

/** Where and how often a toxic acts. */
export interface ToxicOptions {
  /** `down`: what the target answers. `up`: what it is sent. Default: down. */
  readonly direction?: 'up' | 'down'
  /** The part of the connections it falls upon, 0 to 1. Default: 1, all. */
  readonly probability?: number
}

interface Installed {
  readonly toxic: Toxic
  readonly direction: 'up' | 'down'
  readonly probability: number
}

/**
 * A TCP proxy in front of a peer that breaks what passes through it as it is told: connection by connection, in the
 * vocabulary of Toxiproxy. It holds one chunk for each direction of a connection at most; what else is under way waits
 * in the kernel, so the sender is held up as by a slow receiver.
 *
 * Toxics act in the order in which they were added, also on connections that are open already.
 */
export class FaultProxy implements AsyncDisposable {
  readonly #server: Server
  readonly #scheduler: Scheduler
  readonly #seed: number
  readonly #open = new Set<Connection>()
  #installed: readonly Installed[] = []
  #accepted = 0
  #isDown = false
  /** The port on this machine that new connections go to. */
  target: number | undefined

  private constructor(options: FaultProxyOptions) {
    this.target = options.target
    this.#seed = options.seed ?? 1
    this.#scheduler = options.scheduler ?? realTime
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket))
    this.#server.maxConnections = options.maxConnections ?? 1000
  }

  /** Starts a proxy on a free port. */
  static async start(options: FaultProxyOptions = {}): Promise<FaultProxy> {
    const proxy = new FaultProxy(options)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Connections it has taken so far. */
  get accepted(): number {
    return this.#accepted
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#open.size
  }

  /** Adds a toxic; the function that comes back takes it out again. */
  add(toxic: Toxic, { direction = 'down', probability = 1 }: ToxicOptions = {}): () => void {
    const installed = { toxic, direction, probability }
    this.#installed = [...this.#installed, installed]
    return () => {
      this.#installed = this.#installed.filter((one) => one !== installed)
    }
  }

  /** Takes all toxics out. */
  heal(): void {
    this.#installed = []
    this.#isDown = false
  }

  /** Resets all connections, and those that come, until `heal`. */
  down(): void {
    this.#isDown = true
    this.cut()
  }

  /** Resets all connections. */
  cut(): void {
    for (const connection of this.#open) connection.reset()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    this.#server.close()
    if (this.#server.listening) await once(this.#server, 'close')
  }

  #accept(client: Socket): void {
    const number = this.#accepted++
    if (this.#isDown || this.target === undefined) {
      client.on('error', () => {})
      client.resetAndDestroy()
      return
    }
    const server = connect({ port: this.target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    // A seed of its own, so that what becomes of this connection does not depend on what others did meanwhile.
    const random = seededRandom(this.#seed * 1_000_003 + number)
    const connection = new Connection(client, server, this.#scheduler, random, () => this.#installed)
    this.#open.add(connection)
    void connection.run().finally(() => this.#open.delete(connection))
  }
}

/** A connection through the proxy: two sockets, and a pump for each direction. */
class Connection {
  readonly #client: Socket
  readonly #server: Socket
  readonly #scheduler: Scheduler
  readonly #random: Random
  readonly #installed: () => readonly Installed[]
  readonly #gone = new AbortController()
  /** What became of each toxic here: undefined where it passed this connection by. */
  readonly #afflictions = new Map<Installed, Affliction | undefined>()

  constructor(
    client: Socket,
    server: Socket,
    scheduler: Scheduler,
    random: Random,
    installed: () => readonly Installed[],
  ) {
    this.#client = client
    this.#server = server
    this.#scheduler = scheduler
    this.#random = random
    this.#installed = installed
    for (const socket of [client, server]) {
      socket.on('error', () => this.reset())
      socket.on('close', () => {
        if (client.destroyed && server.destroyed) this.#gone.abort(new Error('the connection is gone'))
      })
    }
  }

  /** Resolves when the connection has ended, however. */
  async run(): Promise<void> {
    await Promise.allSettled([
      this.#pump(this.#client, this.#server, 'up'),
      this.#pump(this.#server, this.#client, 'down'),
    ])
    this.#client.destroy()
    this.#server.destroy()
  }

  reset(): void {
    for (const socket of [this.#client, this.#server]) if (!socket.destroyed) socket.resetAndDestroy()
    this.#gone.abort(new Error('the connection was reset'))
  }

  #close(): void {
    for (const socket of [this.#client, this.#server]) socket.end(() => socket.destroy())
    this.#gone.abort(new Error('the connection was closed'))
  }

  async #pump(from: Socket, to: Socket, direction: 'up' | 'down'): Promise<void> {
    try {
      // Left open at the end of its readable side: the other direction may go on.
      for await (const bytes of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        for await (const part of through(bytes, this.#afflictionsOf(direction))) {
          if (this.#gone.signal.aborted) return
          if (!to.write(part)) await once(to, 'drain', { signal: this.#gone.signal })
        }
        if (this.#gone.signal.aborted) return
      }
      for (const affliction of this.#afflictionsOf(direction)) await affliction.end?.()
      to.end()
    } catch {
      // The connection is gone, and with it what was under way.
      if (!this.#gone.signal.aborted) this.reset()
    }
  }

  #afflictionsOf(direction: 'up' | 'down'): readonly Affliction[] {
    return this.#installed()
      .filter((one) => one.direction === direction)
      .flatMap((one) => {
        if (!this.#afflictions.has(one)) {
          const falls = one.probability >= 1 || this.#random() < one.probability
          this.#afflictions.set(one, falls ? one.toxic(this.#link) : undefined)
        }
        return this.#afflictions.get(one) ?? []
      })
  }

  get #link(): Link {
    return {
      random: this.#random,
      wait: (ms) => this.#scheduler.wait(ms, this.#gone.signal),
      close: () => this.#close(),
      reset: () => this.reset(),
    }
  }
}

/** What is left of `bytes` after one affliction after the other. */
async function* through(bytes: Buffer, afflictions: readonly Affliction[]): AsyncGenerator<Buffer> {
  const [first, ...rest] = afflictions
  if (first === undefined) {
    yield bytes
    return
  }
  for await (const part of first.chunk?.(bytes) ?? [bytes]) yield* through(part, rest)
}
