import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { attack, startFakePeer } from './attacker.ts'

it('writes what no client would, and reads what comes back', async () => {
  const server = createServer((_, response) => response.end('hello'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const good = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'
  expect(await attack(port, good, 100)).toMatchObject({ statuses: [200], closed: false })
  expect(await attack(port, good + good, 100)).toMatchObject({ statuses: [200, 200] })
  expect(await attack(port, 'nonsense\r\n\r\n')).toMatchObject({ statuses: [400], closed: true })
  server.close()
  server.closeAllConnections()
})

it('answers what no server would', async () => {
  const fake = await startFakePeer((socket) =>
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc'),
  )
  await expect(fetch(fake.url).then((response) => response.text())).rejects.toThrow()
  expect(fake.requests[0]).toMatch(/^GET \/ HTTP/)
  await fetch(fake.url, { method: 'POST', body: 'a\r\n\r\nb' }).catch(() => {})
  expect(fake.requests[1]).toMatch(/^POST \/ HTTP.*a\r\n\r\nb$/s)
  await fake[Symbol.asyncDispose]()
})
