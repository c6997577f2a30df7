import { Group, text } from '@geecache/core'
import { attack, startFakePeer } from '../attacker.ts'
import { openCaller } from '../lab/caller.ts'
import type { LabCase } from '../lab/case.ts'
import { serve } from '../lab/serve.ts'

const injected = 'x-injected: 1'
const breaks = ['\r\n', '\n', '\r', '\r\n\r\n', '\u2028', '\u010a\u010d', '\0', '%0d%0a', '\r\n ']
const secretText = 'the stack of the getter'

/** Line ends where they end headers. */
export const b6: LabCase = {
  id: 'B6',
  title: 'Keys, group names and error texts with line ends',
  does: 'Keys and group names with CR LF and a header after it are sent to a peer that notes each byte; getters fail with texts of that kind, a million characters long, with a stack and a cause. No header comes of any of them, no answer is longer than it may be, and neither stack nor cause leaves the process.',
  metric: 'header lines that were injected',
  bound: { atMost: 0 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    let lines = 0
    const count = (message: string) => {
      const [head = ''] = message.split('\r\n\r\n')
      if (head.split(/[\r\n]+/).some((line) => line.trim().startsWith(injected))) lines++
    }
    const fake = lab.use(await startFakePeer((socket) => socket.end()))
    for (const batch of [false, undefined] as const) {
      for (const one of breaks) {
        const caller = lab.use(openCaller(fake.url, { batch }, { name: `values${one}${injected}` }))
        await caller.group.get(caller.nextKey(`a${one}${injected}${one}b`))
        await caller.group.remove(`a${one}${injected}`).catch(() => {})
      }
    }
    lab.hold(fake.requests.length >= 2 * breaks.length, 'the fake peer was not asked')
    for (const request of fake.requests) count(request)

    for (const one of breaks) {
      const group = new Group<string>({
        name: 'values',
        maxBytes: 2 ** 20,
        codec: text(),
        getter: () => {
          const cause = new Error(secretText)
          throw new Error(`no${one}${injected}${one}${'y'.repeat(1e6)}`, { cause })
        },
      })
      const { port } = lab.use(await serve(group))
      const key = encodeURIComponent(`k${one}${injected}`)
      const { text: answer, statuses } = await attack(
        port,
        `GET /_geecache/values/${key} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
      )
      count(answer)
      lab.hold(statuses[0] === 500, `an error was answered with ${statuses}`)
      lab.hold(answer.length < 5000, `an error was answered with ${answer.length} bytes`)
      lab.hold(!answer.includes(secretText) && !/\n\s+at /.test(answer), 'a stack or a cause was sent')
    }
    return lines
  },
}
