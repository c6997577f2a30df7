import { startFakePeer } from '../attacker.ts'
import { openCaller, ownValue } from '../lab/caller.ts'
import type { LabCase } from '../lab/case.ts'
import { Origin } from '../origin.ts'
import { PeerProcess } from '../peer-process.ts'

const head = 'HTTP/1.1 200 OK\r\n'

/** Somebody else at a peer's address. */
export const a7: LabCase = {
  id: 'A7',
  title: 'Another service listens at a peer’s address',
  does: 'What listens there answers every path with a page, with an empty body, with a value in another form, or with what a real peer said of another key (a confused proxy): none of it is taken for the value.',
  metric: 'poisoned entries',
  bound: { atMost: 0 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    const origin = lab.use(await Origin.start())
    const real = lab.use(await PeerProcess.start({ originUrl: origin.url }))
    const confused = await (await fetchRaw(`${real.url}/_geecache/values/another`)).text()
    let answer = ''
    const fake = lab.use(await startFakePeer((socket) => socket.write(answer)))
    const caller = lab.use(openCaller(fake.url, { handover: false }))
    const page = '<!doctype html><title>Welcome</title>'
    const answers = [
      `${head}content-type: text/html\r\ncontent-length: ${page.length}\r\n\r\n${page}`,
      `${head}content-length: 0\r\n\r\n`,
      `${head}content-type: application/x-protobuf\r\ncontent-length: 7\r\n\r\n\n\x05hello`,
      `HTTP/1.1 204 No Content\r\n\r\n`,
      `HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\nnope`,
      `HTTP/1.1 500 Oops\r\ncontent-length: 4\r\n\r\noops`,
      `HTTP/1.1 503 Busy\r\ncontent-type: text/html\r\ncontent-length: 4\r\n\r\nbusy`,
      confused,
    ]
    let poisoned = 0
    for (const one of answers) {
      answer = one
      for (let i = 0; i < 20; i++) {
        const key = caller.nextKey()
        const value = await caller.group.get(key).catch((error) => String(error))
        if (value !== ownValue(key)) poisoned++
        if (![undefined, ownValue(key)].includes(caller.group.peek(key))) poisoned++
      }
    }
    lab.hold(fake.requests.length >= 20 * answers.length, 'the fake peer was not asked')
    return poisoned
  },
}

/** An answer as it came, but for headers that are for one connection only. */
async function fetchRaw(url: string): Promise<{ text(): Promise<string> }> {
  const response = await fetch(url)
  const body = await response.text()
  const headers = [...response.headers].filter(
    ([name]) => !['connection', 'keep-alive', 'date'].includes(name),
  )
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return { text: async () => `${head}${lines}\r\n${body}` }
}
