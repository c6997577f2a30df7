import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Contestant } from '../task.ts'

const folder = join(import.meta.dirname, '../go')
// Debian: apt-get install golang-go golang-github-golang-groupcache-dev
const env = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode' }

/** 50 points a node, CRC-32. Compiled and measured by Go itself, on the same nodes and keys. */
export const measure: Contestant = (task) => {
  if (!existsSync(join(env.GOPATH, 'src/github.com/golang/groupcache')))
    throw new Error('golang/groupcache is not installed')
  const target = mkdtempSync(join(tmpdir(), 'bench-ring-'))
  try {
    const program = join(target, 'ring')
    const { stderr, status } = spawnSync('go', ['build', '-o', program, '.'], {
      cwd: folder,
      env,
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`go build: ${stderr}`)
    return JSON.parse(spawnSync(program, { input: JSON.stringify(task), encoding: 'utf8' }).stdout)
  } finally {
    rmSync(target, { recursive: true })
  }
}
