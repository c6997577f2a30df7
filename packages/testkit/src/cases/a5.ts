import { gzipSync } from 'node:zlib'
import { HashRing } from '@geecache/consistenthash'
import { startFakePeer } from '../attacker.ts'
import type { LabCase } from '../lab/case.ts'
import { Origin } from '../origin.ts'
import { PeerProcess } from '../peer-process.ts'

const cap = 32 * 2 ** 20
const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\n'

/** Bodies without end. */
export const a5: LabCase = {
  id: 'A5',
  title: 'A peer answers with more than anybody can hold',
  does: 'A peer answers with a terabyte, by its content-length, in chunks without end, or as a gzip bomb: reading stops at the cap (32 MiB here), and the caller loads the value itself.',
  metric: 'growth of the peak RSS, in caps',
  bound: { atMost: 3 },
  runs: 5,
  shortRuns: 1,
  async run(lab) {
    const bomb = gzipSync(Buffer.alloc(256 * 2 ** 20))
    const megabyte = Buffer.alloc(2 ** 20, 'x')
    const fake = lab.use(
      await startFakePeer((socket, request) => {
        if (request.includes('gzip')) {
          socket.write(`${head}content-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`)
          socket.write(bomb)
          return
        }
        const isChunked = request.includes('chunked')
        socket.write(
          `${head}${isChunked ? 'transfer-encoding: chunked' : `content-length: ${2 ** 40}`}\r\n\r\n`,
        )
        const pour = () => {
          while (!socket.destroyed) {
            if (isChunked) socket.write('100000\r\n')
            const more = socket.write(megabyte)
            if (isChunked) socket.write('\r\n')
            if (!more) return
          }
        }
        socket.on('drain', pour)
        pour()
      }),
    )
    const origin = lab.use(await Origin.start())
    const peer = lab.use(
      await PeerProcess.start({
        originUrl: origin.url,
        pool: { limits: { maxValueBytes: cap }, breaker: false, timeoutMs: 20_000 },
      }),
    )
    await peer.tell('setPeers', [peer.url, fake.url])
    const ring = new HashRing().add(peer.url, fake.url)
    const keys = ['gzip', 'chunked', 'long'].map((kind) => {
      for (let i = 0; ; i++) if (ring.get(`${kind}-${i}`) === fake.url) return `${kind}-${i}`
    })
    await peer.tell('getEach', ['warm-1', 'warm-2', 'warm-3'])
    const before = (await peer.tell('health')).peakRss
    for (const key of keys) {
      const { value } = await peer.tell('get', key)
      lab.hold(
        value?.startsWith(`${key}, version 1, load `) === true,
        `${key} was answered with ${value?.slice(0, 50)}`,
      )
    }
    lab.hold(fake.requests.length >= 3, 'the fake peer was not asked')
    return ((await peer.tell('health')).peakRss - before) / cap
  },
}
