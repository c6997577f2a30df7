import { assertNoPoisoning } from '@fast-check/poisoning'
import { Group, type GroupOptions, text } from '@geecache/core'
import { HTTPPool, type HTTPPoolOptions } from '@geecache/http'
import { attack } from '../attacker.ts'
import { openCaller } from '../lab/caller.ts'
import type { Lab, LabCase } from '../lab/case.ts'
import { type Served, serve } from '../lab/serve.ts'

const names = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '__defineGetter__',
  'then',
  'toJSON',
]

// Globals that node makes when they are first used.
const lazily =
  /^(atob|btoa|crypto|CustomEvent|fetch|navigator|performance|structuredClone|.*Stream.*|FormData|Headers|Request|Response|WebSocket|MessageEvent)$/

/** Names that JavaScript has a use for. */
export const b14: LabCase = {
  id: 'B14',
  title: '__proto__ and constructor, as keys, groups, headers, options and JSON',
  does: 'Keys and groups named __proto__, constructor, toString and the like are asked for, set and removed, alone and in batches; raw requests bring such headers and such JSON; options are read from JSON with a __proto__ in it. Each is a name as any other; after each step all globals are as they were.',
  metric: 'globals that were poisoned, and names that were answered differently',
  bound: { atMost: 0 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    let bad = 0
    const check = (what: string) => {
      try {
        assertNoPoisoning({ ignoredRootRegex: lazily })
      } catch (error) {
        bad++
        lab.hold(false, `${what}: ${error}`)
      }
    }
    check('before all')
    for (const name of ['values', ...names]) {
      const group = new Group<string>({
        name,
        maxBytes: 2 ** 20,
        codec: text(),
        getter: (key) => `${key} of ${name}`,
      })
      const peer = lab.use(await serve(group))
      bad += await useAll(lab, peer, name)
      check(`a group named ${name}`)
      await sendRaw(peer, name)
      check(`raw requests to a group named ${name}`)
    }
    bad += hostileOptions(lab)
    check('options')
    return bad
  },
}

/** Does what can be done to a key with every name; how many were answered as no other is. */
async function useAll(lab: Lab, peer: Served, name: string): Promise<number> {
  const { group, pool } = lab.use(openCaller(peer.url, { timeoutMs: 10_000, handover: false }, { name }))
  const own = (key: string) => pool.pickPeer(key) === undefined
  const loaded = (key: string) => (own(key) ? `${key} from here` : `${key} of ${name}`)
  let bad = 0
  const expect = (got: unknown, expected: unknown) => {
    if (got === expected) return
    bad++
    lab.hold(false, `group ${name}: got ${String(got)}, not ${String(expected)}`)
  }
  for (const key of names) expect(await group.get(key), loaded(key))
  for (const key of names) await group.set(key, `${key} anew`)
  for (const [i, result] of (await group.getMany(names)).entries()) {
    expect(result.status === 'fulfilled' && result.value, `${names[i]} anew`)
  }
  await group.removeMany(names)
  for (const key of names) expect(group.peek(key), undefined)
  for (const key of names) expect(await group.get(key), loaded(key))
  return bad
}

/** Headers and JSON that name what they should not. */
async function sendRaw({ port }: Served, group: string): Promise<void> {
  const hostile =
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"round":1,"keys":["__proto__"]}'
  const bodies = [
    ['ask', '["__proto__","constructor"]'],
    ['ask', '{"__proto__":["Tom"],"length":1}'],
    ['drop', hostile],
    ['drop', '{"round":"__proto__","keys":{"__proto__":1}}'],
  ]
  for (const [type, body = ''] of bodies) {
    await attack(
      port,
      `POST /_geecache/${group} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n__proto__: polluted\r\nconstructor: polluted\r\ngeecache-timeout-ms: 5000\r\ncontent-type: application/vnd.geecache.${type}+json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
  }
}

/** Options that somebody has read from JSON; how many of them had an effect. */
function hostileOptions(lab: Lab): number {
  let bad = 0
  const refused = (what: string, make: () => unknown) => {
    try {
      make()
      bad++
      lab.hold(false, `${what} was taken`)
    } catch (error) {
      lab.hold((error as { code?: string }).code === 'invalid-option', String(error))
    }
  }
  const parsed = JSON.parse('{"__proto__":{"secret":"the-secret-of-somebody-else","insecure":true}}')
  refused(
    'an option __proto__ of a pool',
    () => new HTTPPool('http://127.0.0.1:1', parsed as HTTPPoolOptions),
  )
  for (const dialect of names) {
    const options = { dialect } as unknown as HTTPPoolOptions
    refused(`a dialect ${dialect}`, () => new HTTPPool('http://127.0.0.1:1', options))
  }
  const merged = { name: 'x', maxBytes: 1000, getter: () => 'x', ...JSON.parse('{"__proto__":{"ttlMs":1}}') }
  refused('an option __proto__ of a group', () => new Group(merged as GroupOptions<string>))
  return bad
}
