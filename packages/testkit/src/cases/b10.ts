import { attack } from '../attacker.ts'
import type { LabCase } from '../lab/case.ts'

const secret = 'the-secret-of-this-cluster'
const origin = 'origin: https://evil.example\r\nreferer: https://evil.example/\r\ncookie: a=b\r\n'
const drop = '{"round":1,"keys":"all"}'
const simpleTypes = [
  'text/plain',
  'text/plain;charset=UTF-8',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  '',
]

/** Web pages. */
export const b10: LabCase = {
  id: 'B10',
  title: 'A web page in a browser on the same machine',
  does: 'What a page of another origin can make a browser send to a peer without asking first: GETs, and POSTs of forms and plain text with its origin and cookies; and the question that a browser asks before anything else. With a secret nothing is answered; without one nothing is changed, and no answer gives a page leave to read it or to send more.',
  metric: 'requests that changed something, or that a page could read',
  bound: { atMost: 0 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    const guarded = await lab.cluster({ size: 1, settings: { pool: { secret } } })
    const open = await lab.cluster({ size: 1 })
    let accepted = 0
    let tried = 0
    for (const [peer, hasSecret] of [
      [guarded.peer(0), true],
      [open.peer(0), false],
    ] as const) {
      const { value } = await peer.tell('get', 'kept')
      const send = async (line: string, headers: string, body = '') => {
        tried++
        const length = body === '' ? '' : `content-length: ${body.length}\r\n`
        const reply = await attack(
          peer.port,
          `${line} HTTP/1.1\r\nhost: rebound.evil.example:${peer.port}\r\nconnection: close\r\n${origin}${headers}${length}\r\n${body}`,
        )
        const readable = /access-control-|allow-origin|timing-allow/i.test(reply.text)
        const isBad = readable || (hasSecret && reply.statuses[0] !== 401)
        if (isBad) lab.hold(false, `${line} ${headers.trim()} was answered with ${reply.statuses}`)
        return { ...reply, isBad }
      }
      for (const type of simpleTypes) {
        const header = type === '' ? '' : `content-type: ${type}\r\n`
        for (const body of [drop, '["kept"]', 'keys=kept']) {
          const { isBad, statuses } = await send('POST /_geecache/values', header, body)
          if (isBad || (statuses[0] ?? 0) < 400) accepted++
        }
      }
      for (const asked of ['PUT', 'POST', 'DELETE']) {
        const question = `access-control-request-method: ${asked}\r\naccess-control-request-headers: authorization, content-type\r\naccess-control-request-private-network: true\r\n`
        const { isBad, statuses } = await send('OPTIONS /_geecache/values/kept', question)
        if (isBad || (statuses[0] ?? 0) < 400) accepted++
      }
      for (const path of ['/_geecache/values/kept', '/_geecache/']) {
        if ((await send(`GET ${path}`, '')).isBad) accepted++
        if ((await send(`HEAD ${path}`, '')).isBad) accepted++
      }
      lab.hold((await peer.tell('peek', 'kept')) === value, 'the value has changed')
    }
    lab.note('requests tried', tried)
    return accepted
  },
}
