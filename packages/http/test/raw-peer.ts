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
  /** Connections it has taken so far. */
  readonly accepted: number
  /** Resolves when it has seen so many requests. */
  saw(requests: number): Promise<void>
}

/** A request as it arrived. */
export interface RawRequest {
  readonly line: string
  /** Everything before the body, in lower case. */
  readonly head: string
  readonly body: string
}

/** Starts a peer that calls `answer` for every request that arrives. */
export async function rawPeer(
  answer: (socket: Socket, requestLine: string, request: RawRequest) => void,
  { host = '127.0.0.1', port = 0 }: { readonly host?: string; readonly port?: number } = {},
): Promise<RawPeer> {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  let accepted = 0
  let awaited: { readonly count: number; tell(): void }[] = []
  const server = createServer((socket) => {
    accepted++
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    let received = Buffer.alloc(0)
    socket.on('data', (data) => {
      received = Buffer.concat([received, data])
      for (let request = requestIn(received); request !== undefined; request = requestIn(received)) {
        received = received.subarray(request.length)
        requests.push(request.line)
        for (const { count, tell } of awaited) if (requests.length >= count) tell()
        awaited = awaited.filter(({ count }) => requests.length < count)
        answer(socket, request.line, request)
      }
    })
  })
  server.listen(port, host)
  await once(server, 'listening')
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    requests,
    sockets,
    get accepted() {
      return accepted
    },
    saw(count) {
      if (requests.length >= count) return Promise.resolve()
      return new Promise((tell) => awaited.push({ count, tell }))
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The first request of what was received, if it is there as a whole. */
function requestIn(received: Buffer): (RawRequest & { readonly length: number }) | undefined {
  const end = received.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = received.toString('latin1', 0, end)
  const length = end + 4 + Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0)
  if (received.length < length) return undefined
  const [line = ''] = head.split('\r\n')
  return { line, head: head.toLowerCase(), body: received.toString('utf8', end + 4, length), length }
}
