import { startFakePeer } from '../attacker.ts'
import { openCaller, ownValue } from '../lab/caller.ts'
import type { LabCase } from '../lab/case.ts'

/** A way to answer, and whether its value is what it says it is. */
interface Answer {
  readonly bytes: string
  readonly ends: boolean
  readonly value: string | undefined
}

const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\n'

/** Lengths that lie. */
export const a4: LabCase = {
  id: 'A4',
  title: 'A peer lies about the length of its answer',
  does: 'A peer answers with a content-length that is too long, or with none, or with broken chunks: the caller gets its value from elsewhere, and nothing of that is cached. What follows an answer that is longer than it says is no answer to the next get.',
  metric: 'wrong bodies taken for values',
  bound: { atMost: 0 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    const answers = new Map<string, Answer>()
    const fake = lab.use(
      await startFakePeer((socket, request) => {
        const key = /^GET \/_geecache\/values\/(\S+) /.exec(request)?.[1] as string
        const answer = answers.get(key) as Answer
        socket.write(answer.bytes)
        if (answer.ends) socket.end()
      }),
    )
    const caller = lab.use(openCaller(fake.url, { timeoutMs: 150, handover: false, batch: false }))
    const tries = lab.short ? 1000 : 10_000
    let wrong = 0
    let fellBack = 0
    for (let at = 0; at < tries; at += 50) {
      const keys = Array.from({ length: 50 }, () => caller.nextKey())
      for (const key of keys) answers.set(key, anAnswer(lab.random))
      const values = []
      // One after the other now and then, so that connections are used again.
      if (at % 100 === 0) values.push(...(await Promise.all(keys.map((key) => caller.group.get(key)))))
      else for (const key of keys) values.push(await caller.group.get(key))
      for (const [i, key] of keys.entries()) {
        const expected = answers.get(key)?.value
        if (values[i] === ownValue(key)) fellBack++
        else if (values[i] !== expected) wrong++
        if (![undefined, ownValue(key), expected].includes(caller.group.peek(key))) wrong++
      }
    }
    lab.note('gets', tries)
    lab.note('gets that fell back to the own getter', fellBack)
    lab.hold(fellBack > tries / 3, `only ${fellBack} of ${tries} gets fell back`)
    return wrong
  },
}

function anAnswer(random: () => number): Answer {
  const body = 'x'.repeat(Math.floor(random() * 50))
  const declared = Math.floor(random() * 50)
  const kind = Math.floor(random() * 6)
  // The connection is often kept, for the next answer to be spoilt.
  const ends = random() < 0.7
  const sized = `${head}content-length: ${declared}\r\n\r\n${body}`
  if (kind === 0)
    return { bytes: `${head}content-length: ${body.length}\r\n\r\n${body}`, ends: false, value: body }
  if (kind === 1) return { bytes: `${head}\r\n${body}`, ends: true, value: undefined }
  if (kind === 2)
    return { bytes: `${head}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n`, ends, value: undefined }
  if (kind === 3)
    return { bytes: `${head}transfer-encoding: chunked\r\n\r\nzz\r\n${body}`, ends, value: undefined }
  if (kind === 4)
    return { bytes: `${head}content-length: 5\r\ncontent-length: 7\r\n\r\nhello`, ends, value: undefined }
  // A longer one is to all appearances what it says, followed by garbage.
  return { bytes: sized, ends, value: body.length < declared ? undefined : body.slice(0, declared) }
}
