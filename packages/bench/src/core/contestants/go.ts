import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Contestant, Measurement } from '../task.ts'

const folder = join(import.meta.dirname, '../go')
// Debian: apt-get install golang-go golang-github-golang-groupcache-dev
const env = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode' }

/** Group.Get into a string sink. Compiled and measured by Go itself, on the same keys in the same order. */
export const measure: Contestant = (task) => {
  if (task.kind === 'warm' && task.isFresh) return {}
  if (!existsSync(join(env.GOPATH, 'src/github.com/golang/groupcache'))) {
    return skipped(`golang/groupcache is not in ${env.GOPATH}`)
  }
  const target = mkdtempSync(join(tmpdir(), 'bench-group-'))
  try {
    const program = join(target, 'group')
    const build = spawnSync('go', ['build', '-o', program, '.'], { cwd: folder, env, encoding: 'utf8' })
    if (build.error !== undefined) return skipped(`go cannot be run: ${build.error.message}`)
    if (build.status !== 0) throw new Error(`go build: ${build.stderr}`)
    const run = spawnSync(program, { input: JSON.stringify(task), encoding: 'utf8' })
    if (run.status !== 0) throw new Error(`the Go program ended with ${run.status}: ${run.stderr}`)
    return JSON.parse(run.stdout) as Measurement
  } finally {
    rmSync(target, { recursive: true })
  }
}

function skipped(reason: string): Measurement {
  process.stderr.write(`Go is skipped: ${reason}\n`)
  return {}
}
