import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { goRing, HashRing } from '../src/index.ts'
import { anyText } from './texts.ts'

// Debian: apt-get install golang-go golang-github-golang-groupcache-dev
const environment = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode' }
const go = (...args: string[]) =>
  spawnSync('go', args, { env: environment, encoding: 'utf8', cwd: import.meta.dirname })
const missing = go('list', 'github.com/golang/groupcache/consistenthash').status !== 0
const reason = 'Go with golang/groupcache is not installed'

test.skipIf(missing && process.env.CI === undefined)(
  `10,000 random keys have the owners that golang/groupcache gives them${missing ? ` (${reason})` : ''}`,
  { timeout: 120_000 },
  () => {
    expect(missing ? reason : undefined).toBeUndefined()
    const [rings] = fc.sample(rings100, { numRuns: 1, seed: 20130724 })
    const owners = ask(rings!)
    for (const [i, { peers, keys }] of rings!.entries()) {
      const ring = new HashRing(goRing).add(...peers)
      expect(keys.map((key) => ring.get(key))).toEqual(owners[i])
    }
  },
)

interface Ring {
  readonly peers: readonly string[]
  readonly keys: readonly string[]
}

/**
 * 100 rings of 1 to 30 peers, 100 keys each: of every UTF-8 width, empty, long. In rising order: there Go, where the peer
 * added last wins a point that two share, does not depend on the order either. Go reads its keys from JSON, which has no
 * lone surrogates.
 */
const peer = fc.oneof(
  fc.tuple(fc.ipV4(), fc.integer({ min: 1, max: 65535 })).map(([host, port]) => `http://${host}:${port}`),
  fc.webUrl(),
  anyText(),
)
const key = fc.oneof(
  anyText(),
  fc.uuid(),
  fc.constant(''),
  anyText().map((text) => text.repeat(20)),
)
const rings100: fc.Arbitrary<Ring[]> = fc.array(
  fc.record({
    peers: fc
      .uniqueArray(
        peer.map(wellFormed).filter((name) => name !== ''),
        { minLength: 1, maxLength: 30 },
      )
      .map((names) => names.sort()),
    keys: fc.array(key.map(wellFormed), { minLength: 100, maxLength: 100 }),
  }),
  { minLength: 100, maxLength: 100 },
)

function wellFormed(text: string): string {
  return Buffer.from(text).toString()
}

function ask(rings: readonly Ring[]): unknown[] {
  const folder = mkdtempSync(join(tmpdir(), 'go-ring-'))
  try {
    const program = join(folder, 'owners')
    const build = go('build', '-o', program, './go')
    expect(build.stderr).toBe('')
    const input = rings.map((ring) => JSON.stringify(ring)).join('\n')
    const { stdout } = spawnSync(program, { input, encoding: 'utf8', maxBuffer: 2 ** 28 })
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
