import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A connection of which a test writes every byte. */
export interface RawClient extends AsyncDisposable {
  readonly socket: Socket
  /** All that has come back so far. */
  readonly received: string
  send(text: string): void
  /** Resolves with all that has come back when it holds `text`, or the connection is closed. */
  until(text: string): Promise<string>
  /** Resolves with all that has come back when the connection is closed. */
  closed(): Promise<string>
}

/** Connects to the server at `url`. */
export async function rawClient(url: string): Promise<RawClient> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  let received = ''
  let isClosed = false
  socket.on('error', () => {})
  socket.on('data', (data) => {
    received += data.toString('latin1')
    socket.emit('more')
  })
  socket.on('close', () => {
    isClosed = true
    socket.emit('more')
  })
  await once(socket, 'connect')
  const until = async (isEnough: () => boolean) => {
    // Not through node:events, whose `once` rejects when the connection is reset: its close comes after that.
    while (!isEnough() && !isClosed) await new Promise((resolve) => socket.once('more', resolve))
    return received
  }
  return {
    socket,
    get received() {
      return received
    },
    send: (text) => void socket.write(Buffer.from(text, 'latin1')),
    until: (text) => until(() => received.includes(text)),
    closed: () => until(() => false),
    async [Symbol.asyncDispose]() {
      socket.destroy()
      await until(() => false)
    },
  }
}
