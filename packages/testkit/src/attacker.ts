import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What came of an attack. */
export interface Reply {
  readonly text: string
  /** The status of each answer in it, in order. */
  readonly statuses: readonly number[]
  /** Whether the other side closed the connection; if not, the attacker gave up waiting. */
  readonly closed: boolean
  readonly ms: number
}

/**
 * Writes bytes to a port that no HTTP client would, and reads what comes back: until the other side closes, or nothing
 * came for `patienceMs`.
 */
export async function attack(
  port: number,
  bytes: string | Uint8Array,
  patienceMs = 1000,
  host = '127.0.0.1',
): Promise<Reply> {
  const began = performance.now()
  const socket = connect({ port, host })
  const chunks: Buffer[] = []
  const closed = await new Promise<boolean>((resolve) => {
    socket.setTimeout(patienceMs, () => resolve(false))
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', () => resolve(true))
    socket.on('close', () => resolve(true))
    socket.on('end', () => resolve(true))
    socket.write(bytes)
  })
  socket.destroy()
  const text = Buffer.concat(chunks).toString('latin1')
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]))
  return { text, statuses, closed, ms: performance.now() - began }
}

/** A server that answers every request with bytes of its own choice. */
export interface FakePeer extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** What it was asked: the requests as they came. */
  readonly requests: readonly string[]
}

/** Starts a fake peer; `answer` is called once for each request, its body included. */
export async function startFakePeer(answer: (socket: Socket, request: string) => void): Promise<FakePeer> {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let text = ''
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      for (let end = endOfRequest(text); end <= text.length; end = endOfRequest(text)) {
        const request = text.slice(0, end)
        text = text.slice(end)
        requests.push(request)
        answer(socket, request)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      if (server.listening) await once(server, 'close')
    },
  }
}

/** Where the first request in `text` ends; Infinity if its headers are not complete. */
function endOfRequest(text: string): number {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd < 0) return Number.POSITIVE_INFINITY
  const length = /^content-length: *(\d+)/im.exec(text.slice(0, headEnd))?.[1] ?? 0
  return headEnd + 4 + Number(length)
}
