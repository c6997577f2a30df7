import { connect, type Socket } from 'node:net'
import type { Cluster } from '../cluster.ts'
import { freePort } from '../free-port.ts'
import type { Lab, LabCase } from '../lab/case.ts'
import { pause, until } from '../lab/pause.ts'
import { Samples } from '../lab/samples.ts'

const headersTimeoutMs = 1000
const checkingMs = 500

/** Requests that take for ever. */
export const b12: LabCase = {
  id: 'B12',
  title: 'Slowloris: 500 connections that never finish their request',
  does: '500 sockets send a header a byte at a time, or a body that never comes, to a peer’s own server, while another peer has traffic with it. Each is ended within the limit (1 s here) and the interval at which node looks (0.5 s).',
  metric: 'ms until the last of them was ended',
  bound: { atMost: headersTimeoutMs + checkingMs + 3500 },
  runs: 5,
  shortRuns: 1,
  async run(lab) {
    const { cluster, port } = await serving(lab, {
      limits: { headersTimeoutMs, requestTimeoutMs: headersTimeoutMs },
    })
    const stopTraffic = await goodTraffic(lab, cluster)
    const sockets = Array.from({ length: 500 }, (_, i) => {
      const socket = connect({ port, host: '127.0.0.1' })
      socket.on('error', () => {})
      socket.write(
        i % 2 === 0
          ? 'GET /_geecache/values/Tom HTTP/1.1\r\nx: '
          : 'PUT /_geecache/values/Tom HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\ncontent-length: 1000\r\n\r\nx',
      )
      return socket
    })
    const drip = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write('x')
    }, 100)
    for (const socket of sockets) socket.resume()
    const ms = await until(() => sockets.every((socket) => isOver(socket)), 60_000)
    clearInterval(drip)
    for (const socket of sockets) socket.destroy()
    await stopTraffic()
    return ms
  },
}

/** Connections without end. */
export const b13: LabCase = {
  id: 'B13',
  title: 'A flood of 5,000 connections',
  does: 'A peer’s own server, which takes 200 connections, is dialled 5,000 times while another peer has traffic with it. The rest is closed at once; the traffic goes on.',
  metric: 'failed gets of the good traffic',
  bound: { atMost: 0 },
  runs: 5,
  shortRuns: 1,
  async run(lab) {
    const { cluster, port } = await serving(lab, { limits: { maxConnections: 200 } })
    const stopTraffic = await goodTraffic(lab, cluster)
    const before = (await cluster.peer(0).tell('health')).rss
    const sockets: Socket[] = []
    for (let i = 0; i < 5000; i++) {
      const socket = connect({ port, host: '127.0.0.1' })
      socket.on('error', () => {})
      sockets.push(socket)
      if (i % 250 === 249) await pause(20)
    }
    const open = () => sockets.filter((socket) => !isOver(socket)).length
    lab.note('ms until all others are closed', await until(() => open() <= 200, 20_000))
    const { rss } = await cluster.peer(0).tell('health')
    const { connectionsDropped } = await cluster.peer(0).tell('poolStats')
    for (const socket of sockets) socket.destroy()
    lab.note('connections closed at once', connectionsDropped)
    lab.note('growth of RSS, MiB', (rss - before) / 2 ** 20)
    lab.hold(open() <= 200, `${open()} connections are open`)
    lab.hold(connectionsDropped >= 4000, `only ${connectionsDropped} connections were closed`)
    return stopTraffic()
  },
}

function isOver(socket: Socket): boolean {
  return socket.destroyed || socket.readableEnded || socket.errored !== null
}

/** Two peers, of which the first one serves on a server of its pool's own. */
async function serving(lab: Lab, pool: Record<string, unknown>): Promise<{ cluster: Cluster; port: number }> {
  const port = await freePort()
  const cluster = await lab.cluster({ size: 0, settings: { pool: { timeoutMs: 5000, ...pool } } })
  await cluster.grow({ ownServer: true, self: `http://127.0.0.1:${port}` })
  await cluster.grow()
  await cluster.introduce()
  return { cluster, port }
}

/** Traffic of the second peer, half of which goes to the first; the function ends it: how many gets failed. */
async function goodTraffic(lab: Lab, cluster: Cluster): Promise<() => Promise<number>> {
  const caller = cluster.peer(1)
  await caller.tell('startTraffic', { perSecond: 50, prefix: 'key-', keys: 1e6, seed: lab.seed })
  await pause(500)
  return async () => {
    const samples = new Samples([await caller.tell('stopTraffic')])
    const { peerLoads } = await caller.tell('stats')
    lab.note('p99 of a get meanwhile, ms', samples.quantileMs(0.99))
    lab.hold(samples.failed.length === 0, `failed gets: ${samples.complaints}`)
    lab.note('gets answered by the peer', peerLoads)
    return samples.failed.length
  }
}
