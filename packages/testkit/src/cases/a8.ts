import { startFakePeer } from '../attacker.ts'
import { openCaller, ownValue } from '../lab/caller.ts'
import type { LabCase } from '../lab/case.ts'
import { pause } from '../lab/pause.ts'

const idleMs = 20

/** The race between a request and the end of its connection. */
export const a8: LabCase = {
  id: 'A8',
  title: 'A peer closes idle connections just when they are used',
  does: 'A peer closes a connection 20 ms after its last answer, give or take 5; the caller sends its next request 20 ms after it, give or take 5. The request that crosses the close is sent once more, on another connection.',
  metric: 'gets per 10,000 that the peer did not answer',
  bound: { atMost: 10 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    const asked = new Map<string, number>()
    const fake = lab.use(
      await startFakePeer((socket, request) => {
        const key = /^GET \/_geecache\/values\/(\S+) /.exec(request)?.[1] as string
        asked.set(key, (asked.get(key) ?? 0) + 1)
        const body = `${key} from the peer`
        socket.write(
          `HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
        )
        setTimeout(() => socket.end(), idleMs - 5 + 10 * lab.random())
      }),
    )
    const lanes = 20
    const callers = Array.from({ length: lanes }, () => lab.use(openCaller(fake.url, { handover: false })))
    const gets = lab.short ? 2000 : 10_000
    let unanswered = 0
    let wrong = 0
    await Promise.all(
      callers.map(async ({ group, nextKey }, lane) => {
        for (let i = 0; i < gets / lanes; i++) {
          const key = nextKey(`lane-${lane}-`)
          const value = await group.get(key)
          if (value === ownValue(key)) unanswered++
          else if (value !== `${key} from the peer`) wrong++
          await pause(idleMs - 5 + 10 * lab.random())
        }
      }),
    )
    const retries = callers.reduce((sum, { pool }) => sum + pool.stats.retries, 0)
    const twice = [...asked.values()].filter((times) => times > 1).length
    lab.note('requests sent again', retries)
    lab.note('keys that the peer was asked for twice', twice)
    lab.hold(wrong === 0, `${wrong} gets got something else`)
    lab.hold(
      [...asked.values()].every((times) => times <= 2),
      'a request was sent three times',
    )
    return (unanswered * 10_000) / gets
  },
}
