import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

// Debian: apt-get install golang-go golang-github-golang-groupcache-dev
const environment = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode' }
const go = (...args: string[]) =>
  spawnSync('go', args, { env: environment, encoding: 'utf8', cwd: import.meta.dirname })

/** Why there are no peers in Go here; undefined if there are. */
export const missingGo: string | undefined =
  go('list', 'github.com/golang/groupcache').status === 0
    ? undefined
    : 'Go with golang/groupcache is not installed'

export interface GoProgram extends Disposable {
  readonly file: string
}

/** Builds the program of the peers in Go. */
export function buildGoPeer(): GoProgram {
  const folder = mkdtempSync(join(tmpdir(), 'go-peer-'))
  const file = join(folder, 'peer')
  const { status, stderr } = go('build', '-o', file, './go')
  if (status !== 0) throw new Error(`the peer in Go does not build: ${stderr}`)
  return { file, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) }
}

/** A peer in a Go process of its own; its getter says `{key} of {url}`, or fails for keys that begin with `missing`. */
export class GoPeer implements AsyncDisposable {
  readonly url: string
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.url = url
  }

  /** Starts one, at a port of its own or at the one that `url` had. */
  static async start(program: GoProgram, kind: 'groupcache' | 'geecache', url?: string): Promise<GoPeer> {
    const address = url === undefined ? '127.0.0.1:0' : new URL(url).host
    const child = spawn(program.file, [kind, address], { stdio: ['ignore', 'pipe', 'inherit'] })
    const lines = createInterface({ input: child.stdout })
    const [line] = await once(lines, 'line')
    lines.close()
    return new GoPeer(child, line as string)
  }

  async setPeers(urls: readonly string[]): Promise<void> {
    await this.#tell('set', urls)
  }

  /** The value of `key`, or what is wrong with it. */
  async get(key: string): Promise<string> {
    const answer = await this.#tell('get', key)
    return answer.ok ? answer.text() : `error: ${(await answer.text()).trim()}`
  }

  /** The keys that its getter was asked for. */
  async loads(): Promise<string[]> {
    return (await this.#tell('loads', null)).json() as Promise<string[]>
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }

  #tell(what: string, body: unknown): Promise<Response> {
    return fetch(`${this.url}/control/${what}`, { method: 'POST', body: JSON.stringify(body) })
  }
}
