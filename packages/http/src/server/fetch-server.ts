import { pathHeader } from '../wire/headers.ts'
import type { Message } from './message.ts'
import type { PeerServer } from './peer-server.ts'
import { pathUnknown } from './refusals.ts'
import { type Reply, refusalReply } from './reply.ts'

/** Serves peers through the Request and Response of the Fetch standard. */
export class FetchServer {
  readonly #peers: PeerServer
  /** What is being answered: ends the wait of each caller. */
  readonly #running = new Set<AbortController>()
  #onIdle: () => void = () => {}

  constructor(peers: PeerServer) {
    this.#peers = peers
  }

  /** Answers a request, with 404 if it is for another path. */
  async answer(request: Request): Promise<Response> {
    const path = this.#pathOf(request)
    const hangUp = new AbortController()
    if (!this.#peers.serves(path)) return responseTo(refusalReply(pathUnknown), hangUp, () => {})
    this.#running.add(hangUp)
    // Nobody waits for him any more, whatever the group does.
    hangUp.signal.addEventListener('abort', () => this.#end(hangUp), { once: true })
    request.signal.addEventListener('abort', () => hangUp.abort(), { once: true })
    const reply = await this.#peers.answer(messageOf(request, path, hangUp.signal))
    return responseTo(reply, hangUp, () => this.#end(hangUp))
  }

  /** Resolves when all running requests are answered; those that are not after `drainMs` are given up. */
  async close(drainMs: number): Promise<void> {
    if (this.#running.size === 0) return
    const cut = setTimeout(() => {
      for (const hangUp of this.#running) hangUp.abort()
    }, drainMs)
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve
    })
    clearTimeout(cut)
  }

  #end(hangUp: AbortController): void {
    this.#running.delete(hangUp)
    if (this.#running.size === 0) this.#onIdle()
  }

  /** As it was sent: a URL resolves a key such as `..` away. */
  #pathOf(request: Request): string {
    const sent = request.headers.get(pathHeader)
    if (sent !== null && this.#peers.serves(sent)) return sent
    return request.url.slice(request.url.indexOf('/', request.url.indexOf('://') + 3))
  }
}

function messageOf(request: Request, path: string, signal: AbortSignal): Message {
  return {
    method: request.method,
    path,
    signal,
    get isGone() {
      return signal.aborted
    },
    header: (name) => request.headers.get(name) ?? undefined,
    body: (maxBytes) => readBody(request, maxBytes),
  }
}

async function readBody(request: Request, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  // A Request of node's is async iterable, of others perhaps not.
  const reader = request.body?.getReader()
  for (let read = await reader?.read(); read !== undefined && !read.done; read = await reader?.read()) {
    length += read.value.length
    if (length > maxBytes) {
      await reader?.cancel()
      return undefined
    }
    chunks.push(read.value)
  }
  return Buffer.concat(chunks, length)
}

/** `hangUp` aborts when the response is not wanted any more; `end` is called when all of it is there. */
function responseTo(
  { status, headers, body, rest }: Reply,
  hangUp: AbortController,
  end: () => void,
): Response {
  const fields = new Headers()
  for (let i = 0; i < headers.length; i += 2) {
    // The connection is the server's affair here.
    if (headers[i] !== 'connection') fields.append(headers[i] as string, headers[i + 1] as string)
  }
  if (rest === undefined) {
    end()
    return new Response(status === 204 ? null : Buffer.concat(body), { status, headers: fields })
  }
  const stream = new TransformStream<Uint8Array, Uint8Array>()
  const writer = stream.writable.getWriter()
  const send = async (chunk: Uint8Array) => {
    await writer.write(chunk)
  }
  writer.closed.catch(() => hangUp.abort())
  const all = async () => {
    for (const chunk of body) await send(chunk)
    await rest(send)
    await writer.close()
  }
  all()
    .catch(() => hangUp.abort())
    .finally(end)
  return new Response(stream.readable, { status, headers: fields })
}
