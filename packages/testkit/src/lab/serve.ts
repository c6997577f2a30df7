import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Group } from '@geecache/core'
import { HTTPPool, type HTTPPoolOptions } from '@geecache/http'

/** A peer in this process. */
export interface Served extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly pool: HTTPPool
}

/** Serves `group` on a free port; it owns whatever it is asked for. */
export async function serve(
  group: Pick<Group<unknown>, 'name' | 'local' | 'registerPeers' | 'close'>,
  poolOptions: HTTPPoolOptions = {},
): Promise<Served> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const pool = new HTTPPool(url, poolOptions).register(group)
  server.on('request', pool.handler)
  return {
    url,
    port,
    pool,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await pool.close()
      await group.close()
    },
  }
}
