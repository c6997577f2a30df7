import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One load that reached the origin. */
export interface Load {
  readonly number: number
  readonly key: string
  /** The version of the key's value when the load began. */
  readonly version: number
  /** Bytes of the value at least. */
  readonly size: number
  /** The peer that asked. */
  readonly peer: string
}

export interface OriginOptions {
  /** A load is answered when this lets it. Default: at once. */
  readonly ready?: (key: string, load: Load) => Promise<void> | void
  /** Where it listens. Default: 127.0.0.1. */
  readonly host?: string
  /** Bytes of the value of a key at least. Default: 0, what the value has to say. */
  readonly sizeOf?: (key: string) => number
}

/**
 * The origin behind a cluster under test: a server whose every answer says which load of which version produced it, so
 * that a test reads from the values themselves what was loaded, how often, by whom, and how old it is.
 */
export class Origin implements AsyncDisposable {
  readonly url: string
  readonly loads: Load[] = []
  /** Loads that are running now, and the most that ever ran at a time. */
  running = 0
  peak = 0
  /** Loads whose caller left before the answer. */
  abandoned = 0
  /** Whether every load fails. */
  isDown = false
  readonly #versions = new Map<string, number>()
  readonly #options: OriginOptions
  readonly #stop: () => Promise<void>

  private constructor(url: string, options: OriginOptions, stop: () => Promise<void>) {
    this.url = url
    this.#options = options
    this.#stop = stop
  }

  static async start(options: OriginOptions = {}): Promise<Origin> {
    const { host = '127.0.0.1' } = options
    // It never ends a connection by itself: a peer that was stopped meanwhile would send its next load into the end of it.
    const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
      const { searchParams } = new URL(request.url as string, 'http://origin')
      void origin.#serve(searchParams.get('key') as string, searchParams.get('peer') as string, response)
    })
    server.listen(0, host)
    await once(server, 'listening')
    const origin = new Origin(
      `http://${host}:${(server.address() as AddressInfo).port}`,
      options,
      async () => {
        server.close()
        server.closeAllConnections()
        await once(server, 'close')
      },
    )
    return origin
  }

  /** The current version of the value of `key`; the first one is 1. */
  version(key: string): number {
    return this.#versions.get(key) ?? 1
  }

  /** Gives `key` a new value; the version it has from now on. */
  write(key: string): number {
    const version = this.version(key) + 1
    this.#versions.set(key, version)
    return version
  }

  /** How often `key` was loaded. */
  loadsOf(key: string): number {
    return this.loads.filter((load) => load.key === key).length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop()
  }

  async #serve(key: string, peer: string, response: ServerResponse): Promise<void> {
    const size = this.#options.sizeOf?.(key) ?? 0
    const load = { number: this.loads.length + 1, key, version: this.version(key), size, peer }
    this.loads.push(load)
    this.running++
    this.peak = Math.max(this.peak, this.running)
    response.once('close', () => {
      this.running--
      if (!response.writableFinished) this.abandoned++
    })
    await this.#options.ready?.(key, load)
    if (this.isDown) response.writeHead(503).end('the origin is down')
    else if (key.startsWith('absent')) response.writeHead(404).end()
    else response.end(valueMadeBy(load))
  }
}

/** The value that a load produced. It ends with a full stop, so that no part of it is a value; its filling differs from load to load, so that parts of two do not make a third. */
export function valueMadeBy({ key, version, number, size }: Omit<Load, 'peer'>): string {
  const head = `${key}, version ${version}, load ${number}`
  if (size <= head.length) return `${head}.`
  return `${`${head}, size ${size}\n`.padEnd(size - 1, `${number};`)}.`
}

/** What a value says of itself; undefined if it is not, to the last byte, what some load produced. */
export function readValue(value: string): Omit<Load, 'peer'> | undefined {
  const match = /^(.*), version (\d+), load (\d+)(?:, size (\d+)\n|\.$)/s.exec(value)
  if (match === null) return undefined
  const [, key, version, number, size = 0] = match
  const load = { key: key as string, version: Number(version), number: Number(number), size: Number(size) }
  return value === valueMadeBy(load) ? load : undefined
}
