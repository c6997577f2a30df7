import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Measurement } from '../../harness/index.ts'
import { spawnOn } from '../cores.ts'
import { freePort, startServer } from '../servers/start.ts'
import { type Contestant, KEYS } from '../task.ts'

const folder = join(import.meta.dirname, '../go')
// Debian: apt-get install golang-go golang-github-golang-groupcache-dev
const env = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode' }

/** Group.Get of golang/groupcache, in Go on both sides. */
export const gets: Contestant = async (task) => {
  if (!existsSync(join(env.GOPATH, 'src/github.com/golang/groupcache'))) {
    process.stderr.write(`Go is skipped: golang/groupcache is not in ${env.GOPATH}\n`)
    return {}
  }
  const target = mkdtempSync(join(tmpdir(), 'bench-peers-'))
  try {
    const program = join(target, 'peer')
    const build = spawnSync('go', ['build', '-o', program, '.'], { cwd: folder, env, encoding: 'utf8' })
    if (build.status !== 0) throw new Error(`go build: ${build.error?.message ?? build.stderr}`)
    const port = await freePort()
    const common = [String(port), String(task.valueBytes), String(KEYS)]
    await startServer(program, ['serve', ...common], port)
    const client = spawnOn('client', program, ['ask', ...common, String(task.inFlight)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    client.stdout?.on('data', (data) => {
      output += data
    })
    await once(client, 'close')
    return JSON.parse(output) as Measurement
  } finally {
    rmSync(target, { recursive: true })
  }
}
