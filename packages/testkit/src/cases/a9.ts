import { startFakePeer } from '../attacker.ts'
import { openCaller, ownValue } from '../lab/caller.ts'
import type { LabCase } from '../lab/case.ts'

/** Redirects. */
export const a9: LabCase = {
  id: 'A9',
  title: 'A peer sends us elsewhere',
  does: 'A peer answers with redirects of every kind, to a server that would answer with a value: nobody goes there, and the secret stays here.',
  metric: 'requests that the other server saw',
  bound: { atMost: 0 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    const body = 'the decoy’s value'
    const decoy = lab.use(
      await startFakePeer((socket) =>
        socket.write(
          `HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        ),
      ),
    )
    let status = 0
    const fake = lab.use(
      await startFakePeer((socket, request) => {
        const path = request.split(' ')[1]
        socket.write(`HTTP/1.1 ${status} Moved\r\nlocation: ${decoy.url}${path}\r\ncontent-length: 0\r\n\r\n`)
      }),
    )
    const caller = lab.use(openCaller(fake.url, { handover: false, secret: 'the-secret-of-this-cluster' }))
    for (status of [300, 301, 302, 303, 307, 308]) {
      const key = caller.nextKey()
      lab.hold(
        (await caller.group.get(key)) === ownValue(key),
        `a ${status} was answered with something else`,
      )
      await caller.group.remove(key).catch(() => {})
      await caller.group.set(key, 'mine').catch(() => {})
    }
    lab.hold(fake.requests.length >= 6, 'the fake peer was not asked')
    return decoy.requests.length
  },
}
