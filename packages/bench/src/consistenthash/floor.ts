// How much of a `get` is reading the key: nanoseconds a key, on 10 nodes, each measured in a process of its own.
// Run as `npx pnpm consistenthash:floor`.

import { spawnSync } from 'node:child_process'
import { HashRing } from '@geecache/consistenthash'
import { rate } from '../harness/index.ts'
import { task } from './task.ts'

const encoder = new TextEncoder()
const bytes = new Uint8Array(256)
const ring = new HashRing().add(...task(10, 16).nodes)

const readers: Readonly<Record<string, (key: string) => number>> = {
  'charCodeAt and nothing else'(key) {
    let seen = 0
    for (let i = 0; i < key.length; i++) seen |= key.charCodeAt(i)
    return seen
  },
  'encodeInto and nothing else': (key) => encoder.encodeInto(key, bytes).written,
  get: (key) => ring.get(key)!.length,
}

const [name, length] = process.argv.slice(2)
if (name === undefined) {
  for (const characters of ['16', '64']) {
    for (const reader of Object.keys(readers)) {
      const args = [...process.execArgv, import.meta.filename, reader, characters]
      const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
      if (status !== 0) throw new Error(`measuring ${reader} failed`)
    }
  }
} else {
  const { keys } = task(10, Number(length))
  const read = readers[name]!
  let sum = 0
  const millions = rate(() => {
    for (let i = 0; i < keys.length; i++) sum = (sum + read(keys[i]!)) | 0
    return keys.length
  })
  console.log(`${length} characters, ${name.padEnd(28)}${(1000 / millions).toFixed(1)} ns`)
  if (sum === 0) throw new Error('expected to have read something')
}
