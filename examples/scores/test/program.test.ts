import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'

const program = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const running: ChildProcess[] = []

afterEach(async () => {
  for (const child of running.splice(0)) await stop(child, 'SIGKILL')
})

function start(...args: (string | number)[]): ChildProcess {
  const node = ['--import', 'tsx', '--conditions=@geecache/source', program, ...args.map(String)]
  const child = spawn(process.execPath, node, { stdio: ['ignore', 'pipe', 'pipe'] })
  running.push(child)
  return child
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill(signal)
  await once(child, 'exit')
}

/** Runs a process to its end: its exit code and what it printed. */
async function run(...args: (string | number)[]) {
  const child = start(...args)
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (printed += data))
  const [code] = await once(child, 'close')
  return { code, printed }
}

async function startPeer(line: string, ...args: (string | number)[]) {
  const child = start(...args)
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  reader.on('line', (text) => lines.push(text))
  while (!lines.some((text) => text.includes(line))) await once(reader, 'line')
  return { child, lines }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

describe('the program', { timeout: 60_000 }, () => {
  it('answers 630 for Tom and "kkk not exist" for kkk, with three peers and an API', async () => {
    const [first, second, third, api] = (await freePorts(4)) as [number, number, number, number]
    const common = ['--peers', `${first},${second},${third}`, '--lookup-ms', 20]
    const peers = await Promise.all([
      startPeer('API at', '--port', first, '--api', '--api-port', api, ...common),
      startPeer('serves', '--port', second, ...common),
      startPeer('serves', '--port', third, ...common),
    ])
    const ask = async (key: string) => {
      const response = await fetch(`http://127.0.0.1:${api}/api?key=${key}`)
      return [response.status, await response.text()]
    }
    const answers = await Promise.all(['Tom', 'Tom', 'Jack', 'Sam', 'Tom'].map(ask))
    expect(answers).toEqual([
      [200, '630'],
      [200, '630'],
      [200, '589'],
      [200, '567'],
      [200, '630'],
    ])
    expect(await ask('kkk')).toEqual([404, 'kkk not exist'])
    expect((await ask(''))[0]).toBe(400)
    const lookups = peers
      .flatMap(({ lines }) => lines)
      .filter((line) => line.includes('[slow database] lookup'))
    expect(lookups.map((line) => line.split(': ')[1]).sort()).toEqual(['Jack', 'Sam', 'Tom', 'kkk'])
    for (const { child } of peers) {
      await stop(child, 'SIGTERM')
      expect(child.exitCode).toBe(0)
    }
  })

  it('stops when it is told to, though clients hold on to their connections', async () => {
    const [port] = (await freePorts(1)) as [number]
    const { child } = await startPeer('serves', '--port', port, '--peers', port)
    const silent = connect(port, '127.0.0.1')
    await once(silent, 'connect')
    const busy = connect(port, '127.0.0.1')
    const ask = () => busy.write('GET /stats HTTP/1.1\r\nhost: x\r\n\r\n')
    for (const socket of [silent, busy]) socket.on('error', () => {})
    busy.on('data', ask)
    ask()
    await once(busy, 'data')
    await stop(child, 'SIGTERM')
    expect(child.exitCode).toBe(0)
  })

  it('explains itself', async () => {
    const { code, printed } = await run('--help')
    expect(code).toBe(0)
    expect(printed).toContain('curl "http://localhost:9999/api?key=Tom"')
  })

  it('says what is wrong with its command line', async () => {
    const { code, printed } = await run('--prot', 8001)
    expect(code).toBe(1)
    expect(printed).toContain("Unknown option '--prot'")
    expect(printed).toContain('scores --help lists the options')
  })

  it('says which port is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const { code, printed } = await run('--port', port, '--peers', port)
    taken.close()
    expect(code).toBe(1)
    expect(printed).toContain(`scores: port ${port} is in use`)
  })
})
