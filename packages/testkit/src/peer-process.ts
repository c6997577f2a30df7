import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Answer, Call, Control } from './control.ts'

const program = fileURLToPath(new URL('./peer-main.ts', import.meta.url))

/** A peer in a process of its own, controlled over IPC. */
export class PeerProcess implements AsyncDisposable {
  /** The base URL at which the other peers reach it. */
  readonly url: string
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (result: unknown) => void>()
  #calls = 0

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.url = url
    child.on('message', ({ id, result }: Answer) => {
      this.#waiting.get(id)?.(result)
      this.#waiting.delete(id)
    })
  }

  /** Starts a peer whose getter asks the origin at `originUrl`; it serves when this resolves. */
  static async start(originUrl: string): Promise<PeerProcess> {
    const execArgv = ['--import', 'tsx', '--conditions=@geecache/source']
    const child = fork(program, [originUrl], { execArgv })
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`a peer process ended with code ${code} before it served`)
    })
    const [url] = await Promise.race([once(child, 'message'), ended])
    ended.catch(() => {})
    return new PeerProcess(child, url)
  }

  /** Has the process do something; resolves with its answer. */
  tell<Name extends keyof Control>(
    name: Name,
    ...args: Parameters<Control[Name]>
  ): Promise<ReturnType<Control[Name]>> {
    const id = ++this.#calls
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve as (result: unknown) => void)
      this.#child.send({ id, name, args } satisfies Call)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }
}
