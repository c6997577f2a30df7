import { isGeeCacheError } from '@geecache/core'
import { attack, startFakePeer } from '../attacker.ts'
import { openCaller } from '../lab/caller.ts'
import type { LabCase } from '../lab/case.ts'

const sizes = [1025, 8 * 2 ** 10, 2 ** 20]

/** Keys that are too long. */
export const b3: LabCase = {
  id: 'B3',
  title: 'Keys of 8 KB and of 1 MB',
  does: 'Keys of more than 1,024 bytes are refused where they are asked for, and nothing is sent. 300 raw sockets send them all the same, in paths of 1 MB and in lists of keys: each is refused, and its connection closed.',
  metric: 'growth of the peak RSS for each request that was refused, KiB',
  bound: { atMost: 256 },
  runs: 5,
  shortRuns: 1,
  async run(lab) {
    const fake = lab.use(await startFakePeer(() => {}))
    const caller = lab.use(openCaller(fake.url))
    for (const size of sizes) {
      for (const key of ['x'.repeat(size), 'é'.repeat(size / 2 + 1)]) {
        const error = await caller.group.get(key).catch((reason) => reason)
        lab.hold(isGeeCacheError(error, 'invalid-key'), `a key of ${size} bytes was answered with ${error}`)
        lab.hold(String(error).length < 1000, `the error has ${String(error).length} characters`)
      }
    }
    lab.hold(fake.requests.length === 0, 'a key that is too long was sent')

    const cluster = await lab.cluster({ size: 1 })
    const peer = cluster.peer(0)
    await peer.tell('get', 'warm')
    const before = (await peer.tell('health')).peakRss
    const requests = 300
    for (let sent = 0; sent < requests; sent += 20) {
      await Promise.all(
        Array.from({ length: 20 }, async (_, i) => {
          const { statuses, closed } = await attack(peer.port, tooLong(sent + i), 5000)
          const wasRefused = statuses.length <= 1 && statuses.every((status) => status >= 400)
          lab.hold(wasRefused && closed, `answered with ${statuses}, closed: ${closed}`)
        }),
      )
    }
    const { peakRss } = await peer.tell('health')
    lab.hold(cluster.origin.loads.length === 1, 'a key that is too long was loaded')
    return (peakRss - before) / 2 ** 10 / requests
  },
}

/** A request with a key that is too long, one of several kinds. */
function tooLong(number: number): string {
  const size = sizes[number % sizes.length] as number
  const rest = 'HTTP/1.1\r\nhost: x\r\nconnection: close\r\n'
  if (number % 2 === 0) return `GET /_geecache/values/${'x'.repeat(size)} ${rest}\r\n`
  const body = JSON.stringify({ round: 1, keys: ['x'.repeat(size)] })
  return `PUT /_geecache/values/${'x'.repeat(size)} ${rest}content-type: application/octet-stream\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}
