import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { openNetns } from './netns.ts'

it('carries packets between namespaces, loses them one way, and leaves nothing behind', async ({ skip }) => {
  const net = openNetns(2)
  if (typeof net === 'string') return skip(net)
  const [a, b] = net.names as [string, string]
  const program = `require('net').createServer((socket) => socket.end('hello')).listen(9000, () => console.log('up'))`
  const server = spawn('ip', ['netns', 'exec', b, process.execPath, '-e', program])
  try {
    await once(server.stdout, 'data')
    const dial = (from: string) => {
      const client = `require('net').connect(9000, '${net.addresses[1]}').on('data', (d) => console.log(String(d)) & process.exit())
        .on('error', (e) => console.log(e.code) & process.exit()); setTimeout(() => console.log('silence') & process.exit(), 500)`
      return execFileSync('ip', ['netns', 'exec', from, process.execPath, '-e', client]).toString().trim()
    }
    expect(dial(a)).toBe('hello')
    net.blackhole(1, 0)
    expect(dial(a)).toBe('silence')
    const here = connect(9000, net.addresses[1] as string)
    expect(String(await once(here, 'data'))).toContain('hello')
    net.heal(1, 0)
    expect(dial(a)).toBe('hello')
  } finally {
    server.kill('SIGKILL')
    await net[Symbol.asyncDispose]()
  }
  expect(execFileSync('ip', ['netns', 'list']).toString()).not.toContain(a)
})

it('sweeps away what a process has left behind that was killed', async ({ skip }) => {
  const probe = openNetns(0)
  if (typeof probe === 'string') return skip(probe)
  await probe[Symbol.asyncDispose]()
  // No process has a number that large.
  const left = 'gc99999999x0-0'
  execFileSync('ip', ['netns', 'add', left])
  const net = openNetns(1)
  if (typeof net === 'string') throw new Error(net)
  const names = execFileSync('ip', ['netns', 'list']).toString()
  await net[Symbol.asyncDispose]()
  expect(names).toContain(net.names[0])
  expect(names).not.toContain(left)
})
