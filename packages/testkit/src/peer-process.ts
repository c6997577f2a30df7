import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Answer, Call, Control, PeerSettings } from './control.ts'
import { peerProgram } from './program.ts'

export interface StartOptions {
  /** The network namespace to run in. Default: this process's. */
  readonly netns?: string
  /** Options of Node. */
  readonly execArgv?: readonly string[]
}

const longestTellMs = 120_000

/** All that live: they must not outlive this process. */
const living = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})

interface Waiting {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/** A peer in a process of its own, controlled over IPC. It ends with this process at the latest. */
export class PeerProcess implements AsyncDisposable {
  /** The base URL at which the other peers reach it. */
  readonly url: string
  /** The port it listens on. */
  readonly port: number
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  #calls = 0

  private constructor(child: ChildProcess, url: string, port: number) {
    this.#child = child
    this.url = url
    this.port = port
    child.on('message', (answer: Answer) => this.#settle(answer))
    child.once('exit', (code, signal) => this.#abandon(`has ended (${signal ?? `code ${code}`})`))
  }

  /** Starts a peer; it serves when this resolves. */
  static async start(settings: PeerSettings, options: StartOptions = {}): Promise<PeerProcess> {
    const args = [...(options.execArgv ?? []), await peerProgram(), JSON.stringify(settings)]
    const [command, ...rest] =
      options.netns === undefined
        ? [process.execPath, ...args]
        : ['ip', 'netns', 'exec', options.netns, process.execPath, ...args]
    const child = spawn(command as string, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    living.add(child)
    child.once('exit', () => living.delete(child))
    const ended = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`a peer process ended (${signal ?? `code ${code}`}) before it served`)
    })
    const [{ self, port }] = await Promise.race([once(child, 'message'), ended])
    ended.catch(() => {})
    return new PeerProcess(child, self, port)
  }

  get pid(): number {
    return this.#child.pid as number
  }

  /** Whether the process has ended. */
  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** Has the process do something; resolves with its answer, rejects when it fails, when it ends, or after two minutes. */
  tell<Name extends keyof Control>(
    name: Name,
    ...args: Parameters<Control[Name]>
  ): Promise<ReturnType<Control[Name]>> {
    if (this.hasEnded) return Promise.reject(new Error(`peer process ${this.url} has ended, told to ${name}`))
    const id = ++this.#calls
    return new Promise((resolve, reject) => {
      const late = () => {
        this.#waiting.delete(id)
        reject(
          new Error(`peer process ${this.url} has not answered for ${longestTellMs} ms, told to ${name}`),
        )
      }
      const timer = setTimeout(late, longestTellMs)
      this.#waiting.set(id, { resolve: resolve as (result: unknown) => void, reject, timer })
      this.#child.send({ id, name, args } satisfies Call, (error) => {
        if (error !== null) this.#settle({ id, error: `could not be told to ${name}: ${error.message}` })
      })
    })
  }

  /** Blocks its event loop for `ms`. */
  async stall(ms: number): Promise<void> {
    await this.tell('stall', ms)
  }

  /** Stops the whole process (SIGSTOP): the kernel still takes connections in its name. */
  stop(): void {
    this.#child.kill('SIGSTOP')
  }

  /** Lets it go on (SIGCONT). */
  resume(): void {
    this.#child.kill('SIGCONT')
  }

  /** Ends it without a word (SIGKILL). */
  async kill(): Promise<void> {
    if (this.hasEnded) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }

  #settle({ id, result, error }: Answer): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return
    this.#waiting.delete(id)
    clearTimeout(waiting.timer)
    if (error === undefined) waiting.resolve(result)
    else waiting.reject(new Error(`peer process ${this.url}: ${error}`))
  }

  #abandon(fate: string): void {
    for (const id of [...this.#waiting.keys()]) this.#settle({ id, error: fate })
  }
}
