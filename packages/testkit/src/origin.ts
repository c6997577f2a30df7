import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One load that reached the origin. */
export interface Load {
  readonly number: number
  readonly key: string
  /** The peer that asked. */
  readonly peer: string
}

/**
 * The origin behind a cluster under test: a server whose every answer says which load produced it, so that a test
 * reads from the values themselves what was loaded, how often and by whom.
 */
export interface Origin extends AsyncDisposable {
  readonly url: string
  readonly loads: readonly Load[]
}

/** Starts an origin that answers as soon as `ready` lets it. */
export async function startOrigin(ready: (key: string) => Promise<void> = async () => {}): Promise<Origin> {
  const loads: Load[] = []
  const server = createServer(async (request, response) => {
    const { searchParams } = new URL(request.url as string, 'http://origin')
    const [key, peer] = [searchParams.get('key') as string, searchParams.get('peer') as string]
    const load = { number: loads.length + 1, key, peer }
    loads.push(load)
    await ready(key)
    response.end(valueMadeBy(load))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    loads,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** The value that a load produced. */
export function valueMadeBy({ key, number }: Load): string {
  return `${key}, load ${number}`
}
