import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { spawnOn } from '../cores.ts'

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Starts a server's program on its core; resolves when it listens, with false if there is no such program. */
export async function startServer(command: string, args: readonly string[], port: number): Promise<boolean> {
  const child = spawnOn('server', command, args, { stdio: 'ignore' })
  let ended = false
  child.once('exit', () => {
    ended = true
  })
  while (!ended) {
    if (await listens(port)) return true
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return false
}

/** Starts a module of ours in a Node.js process on the server's core; resolves when it says that it is ready. */
export async function startModule(url: URL, args: readonly string[]): Promise<void> {
  const child = spawnOn('server', process.execPath, ['--import', 'tsx', url.pathname, ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  await once(child, 'message')
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
