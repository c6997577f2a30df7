/** The program of a peer process: a cache of what the origin answers, told what to do over IPC. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Group, text } from '@geecache/core'
import { HTTPPool } from '@geecache/http'
import type { Answer, Call, Control } from './control.ts'

void main(process.argv[2] as string)

async function main(originUrl: string): Promise<void> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const self = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const group = new Group<string>({
    name: 'values',
    maxBytes: 64 * 2 ** 20,
    codec: text(),
    async getter(key, { signal }) {
      const query = new URLSearchParams({ key, peer: self })
      const response = await fetch(`${originUrl}/?${query}`, { signal })
      return response.text()
    },
  })
  const pool = new HTTPPool(self, { timeoutMs: 30_000 }).register(group)
  server.on('request', pool.handler)

  const get = (key: string) => group.get(key).catch((error) => `error: ${error.message}`)
  const control: { [name in keyof Control]: (...args: Parameters<Control[name]>) => unknown } = {
    setPeers: (urls) => pool.set(...urls),
    getAtOnce: async (key, times) => [
      ...new Set(await Promise.all(Array.from({ length: times }, () => get(key)))),
    ],
    getEach: (keys) => Promise.all(keys.map(get)),
    stats: () => group.stats,
  }
  process.on('message', async ({ id, name, args }: Call) => {
    const result = await (control[name] as (...args: readonly unknown[]) => unknown)(...args)
    process.send?.({ id, result } satisfies Answer)
  })
  process.on('disconnect', () => process.exit())
  process.send?.(self)
}
