import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FaultProxy } from './fault-proxy.ts'
import { ManualTime, turn } from './scheduler.ts'
import { corrupt, latency, limitData, resetPeer, timeout } from './toxics/index.ts'

let server: Server
let proxy: FaultProxy
let time: ManualTime

/** An echo server, which says goodbye when its client has ended. */
beforeEach(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    socket.on('data', (bytes) => socket.write(bytes))
    socket.on('end', () => socket.end('.'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  time = new ManualTime()
  proxy = await FaultProxy.start({ target: (server.address() as AddressInfo).port, scheduler: time })
})

afterEach(async () => {
  await proxy[Symbol.asyncDispose]()
  server.close()
})

async function dial(): Promise<Socket> {
  const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true })
  await once(socket, 'connect')
  return socket
}

/** All that comes back for `text`, and how the connection ended. */
async function exchange(text: string): Promise<string> {
  const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true })
  let received = ''
  socket.on('data', (bytes) => {
    received += bytes
  })
  const ended = new Promise<string>((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(`${received} ${error.code}`))
    socket.on('close', () => resolve(received))
    socket.on('end', () => socket.end())
  })
  socket.end(text)
  return ended
}

describe('a proxy without toxics', () => {
  it('is transparent, half-closed connections included', async () => {
    expect(await exchange('hello')).toBe('hello.')
    const large = 'x'.repeat(5 * 2 ** 20)
    expect(await exchange(large)).toBe(`${large}.`)
    expect(proxy.accepted).toBe(2)
  })

  it('refuses what has no target', async () => {
    proxy.target = undefined
    expect(await exchange('hello')).toBe(' ECONNRESET')
  })
})

describe('a proxy with toxics', () => {
  it('breaks the direction it was told to', async () => {
    proxy.add(corrupt(0), { direction: 'up' })
    proxy.add(limitData(3))
    const received = await exchange('hello')
    expect(received.length).toBe(3)
    expect(received.slice(1)).toBe('el')
    expect(received[0]).not.toBe('h')
  })

  it('resets both sides', async () => {
    proxy.add(resetPeer())
    expect(await exchange('hello')).toBe(' ECONNRESET')
  })

  it('applies them to connections that are open, until they are taken out', async () => {
    const socket = await dial()
    const echo = async (text: string) => {
      socket.write(text)
      return String(await once(socket, 'data'))
    }
    expect(await echo('a')).toBe('a')
    const remove = proxy.add(latency(1000))
    const late = echo('b')
    while (time.waiting === 0) await turn()
    await time.advance(1000)
    expect(await late).toBe('b')
    remove()
    expect(await echo('c')).toBe('c')
    socket.destroy()
  })

  it('lets go of what waits when the connection is gone', async () => {
    proxy.add(timeout(0))
    const socket = await dial()
    socket.write('a')
    while (time.waiting === 0) await turn()
    proxy.cut()
    await once(socket, 'error')
    while (proxy.connections > 0) await turn()
    expect(time.waiting).toBe(0)
  })

  it('falls upon a part of the connections, the same ones for the same seed', async () => {
    proxy.add(limitData(1), { probability: 0.5 })
    const fates: string[] = []
    for (let i = 0; i < 40; i++) fates.push(await exchange('ab'))
    const hit = fates.filter((fate) => fate === 'a').length
    expect(fates.filter((fate) => fate === 'ab.').length).toBe(40 - hit)
    expect(hit).toBeGreaterThan(8)
    expect(hit).toBeLessThan(32)
    const twin = await FaultProxy.start({ target: (server.address() as AddressInfo).port, scheduler: time })
    await proxy[Symbol.asyncDispose]()
    proxy = twin
    proxy.add(limitData(1), { probability: 0.5 })
    for (const fate of fates) expect(await exchange('ab')).toBe(fate)
  })

  it('can be down, and heal', async () => {
    proxy.down()
    expect(await exchange('hello')).toBe(' ECONNRESET')
    proxy.heal()
    expect(await exchange('hello')).toBe('hello.')
  })
})
