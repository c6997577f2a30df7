import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { request } from 'undici'

const program = fileURLToPath(new URL('../main.ts', import.meta.url))
const patienceMs = 15_000

/** A lookup in the slow database, as the process that did it logged it. */
export interface Lookup {
  readonly port: number
  readonly key: string
}

/** The processes of the demo: real ones, started with the program's own command line. */
export class Cluster {
  /** Every lookup so far, by any process, the dead ones included: read from what they print. */
  readonly lookups: Lookup[] = []
  readonly ports: readonly number[]
  readonly apiPort: number
  readonly #arguments: readonly string[]
  readonly #processes = new Map<number, ChildProcess>()

  private constructor(
    ports: readonly number[],
    apiPort: number,
    options: { lookupMs: number; players: number },
  ) {
    this.ports = ports
    this.apiPort = apiPort
    const { lookupMs, players } = options
    this.#arguments = ['--peers', ports.join(), '--lookup-ms', `${lookupMs}`, '--players', `${players}`]
  }

  /** Three peers on 8001 to 8003 and the API on 9999, or on free ports where those are taken. */
  static async plan(options: { lookupMs: number; players: number }): Promise<Cluster> {
    const wanted = [8001, 8002, 8003, 9999]
    const ports = await Promise.all(wanted.map(freePort))
    return new Cluster(ports.slice(0, 3), ports[3] as number, options)
  }

  /** Starts the peer of `port` and waits until it answers. */
  async start(port: number): Promise<void> {
    const api = port === this.ports[0] ? ['--api', '--api-port', `${this.apiPort}`] : []
    const child = fork(program, ['--port', `${port}`, ...api, ...this.#arguments], { silent: true })
    this.#processes.set(port, child)
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const key = /lookup \d+: (.+)$/.exec(line)?.[1]
      if (key !== undefined) this.lookups.push({ port, key })
    })
    let complaint = ''
    child.stderr?.on('data', (data) => {
      complaint += data
    })
    const deadline = Date.now() + patienceMs
    while (!(await answers(port))) {
      if (child.exitCode !== null) throw new Error(`the peer on port ${port} ended: ${complaint.trim()}`)
      if (Date.now() > deadline)
        throw new Error(`the peer on port ${port} did not come up: ${complaint.trim()}`)
      await delay(20)
    }
  }

  pid(port: number): number | undefined {
    return this.#processes.get(port)?.pid
  }

  /** SIGKILL: no goodbye. */
  async kill(port: number): Promise<void> {
    await this.#end(port, 'SIGKILL')
  }

  /** Ends every process at once, without waiting. */
  abandon(): void {
    for (const child of this.#processes.values()) child.kill('SIGKILL')
  }

  /** Asks every process to stop, and makes sure of it. */
  async stop(): Promise<void> {
    await Promise.all([...this.#processes.keys()].map((port) => this.#end(port, 'SIGTERM')))
  }

  async #end(port: number, signal: NodeJS.Signals): Promise<void> {
    const child = this.#processes.get(port)
    this.#processes.delete(port)
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    const insist = setTimeout(() => child.kill('SIGKILL'), 3000)
    await exited
    clearTimeout(insist)
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    const { statusCode, body } = await request(`http://127.0.0.1:${port}/stats`)
    await body.dump()
    return statusCode === 200
  } catch {
    return false
  }
}

async function freePort(wanted: number): Promise<number> {
  return (await canListen(wanted)) ?? ((await canListen(0)) as number)
}

async function canListen(port: number): Promise<number | undefined> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  } catch {
    return undefined
  }
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' ? address?.port : undefined
}
