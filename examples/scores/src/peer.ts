import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { Group, NotFoundError, text } from '@geecache/core'
import { HTTPPool } from '@geecache/http'
import { serveApi } from './api.ts'
import type { Settings } from './command-line.ts'
import { SlowDatabase } from './database.ts'

// How long requests may go on when the process is told to stop.
const patienceMs = 1000

/** A process of this program while it runs. */
export interface Peer {
  close(): Promise<void>
}

/** Starts one peer: an ordinary server whose process is part of the cache. Rejects when a port is taken. */
export async function startPeer(settings: Settings, log: (line: string) => void): Promise<Peer> {
  const { port, peerPorts, apiPort, lookupMs, players } = settings
  const database = new SlowDatabase({ lookupMs, players, log })

  const scores = new Group({
    name: 'scores',
    maxBytes: 8 * 2 ** 20,
    codec: text(),
    getter: async (name) => {
      const score = await database.find(name)
      if (score === undefined) throw new NotFoundError(`${name} not exist`)
      return score
    },
  })
  // Patient: an owner that is busy with thousands of requests is still better asked than done without.
  const pool = new HTTPPool(urlOf(port), { timeoutMs: 10_000, drainMs: patienceMs }).register(scores)
  pool.set(...peerPorts.map(urlOf))

  const stats = () => ({ self: pool.self, pid: process.pid, lookups: database.lookups, scores: scores.stats })
  const api: RequestListener = (request, response) => void serveApi(request, response, scores, stats)
  const app: RequestListener = (request, response) =>
    pool.handler(request, response, () => api(request, response))

  const servers: Server[] = []
  try {
    servers.push(await listen(app, port))
    log(`peer ${pool.self} serves`)
    if (apiPort !== undefined) {
      servers.push(await listen(api, apiPort))
      log(`API at http://localhost:${apiPort}/api?key=Tom`)
    }
  } catch (error) {
    for (const server of servers) server.close()
    throw error
  }

  return {
    async close() {
      await pool.close()
      await Promise.all(servers.map(stop))
      await scores.close()
    },
  }
}

/** The base URL of the peer on `port`. */
export function urlOf(port: number): string {
  return `http://127.0.0.1:${port}`
}

async function listen(listener: RequestListener, port: number): Promise<Server> {
  const server = createServer(listener)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** Lets running requests end. Who keeps his connection busy for ever, or says nothing on it, would hold the server up. */
async function stop(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  const cut = setTimeout(() => server.closeAllConnections(), patienceMs)
  await closed
  clearTimeout(cut)
}
