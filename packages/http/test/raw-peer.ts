import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'

/** A peer that answers whatever a test wants, byte by byte. */
export interface RawPeer extends AsyncDisposable {
  readonly url: string
  /** The request lines it has seen. */
  readonly requests: readonly string[]
  /** Sockets that are open. */
  readonly sockets: ReadonlySet<Socket>
}

/** Starts a peer that calls `answer` for every request that arrives. */
export async function rawPeer(answer: (socket: Socket, requestLine: string) => void): Promise<RawPeer> {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    let received = ''
    socket.on('data', (data) => {
      received += data
      for (let end = received.indexOf('\r\n\r\n'); end >= 0; end = received.indexOf('\r\n\r\n')) {
        // After a request with a body, the next one follows on the same line.
        const line = /[A-Z]+ \S+ HTTP\/1\.1$/.exec(received.slice(0, received.indexOf('\r\n')))?.[0] ?? ''
        received = received.slice(end + 4)
        requests.push(line)
        answer(socket, line)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
