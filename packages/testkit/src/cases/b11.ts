import { attack } from '../attacker.ts'
import { freePort } from '../free-port.ts'
import type { LabCase } from '../lab/case.ts'

const inner = 'GET /_geecache/values/smuggled HTTP/1.1\r\nhost: x\r\n\r\n'
const drop = '{"round":1,"keys":"all"}'
const type = 'content-type: application/vnd.geecache.drop+json\r\n'

/** Requests within requests. */
export const b11: LabCase = {
  id: 'B11',
  title: 'Request smuggling',
  does: 'Raw sockets send requests whose end two readers would see in two places: length and chunks together, two lengths, lengths that are no numbers, chunks in disguise, folded headers, bare CR and LF, spaces before colons, sizes that overflow. Another request hides behind each. None is taken, nor what hides in it.',
  metric: 'requests that were taken',
  bound: { atMost: 0 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    const cluster = await lab.cluster({ size: 0 })
    // On the server of its pool's own, whose parser is ours to choose.
    const port = await freePort()
    const peer = await cluster.grow({ ownServer: true, self: `http://127.0.0.1:${port}` })
    let taken = 0
    for (const [what, bytes] of corpus()) {
      const before = cluster.origin.loads.length
      const { statuses } = await attack(peer.port, bytes, 150)
      if (statuses.every((status) => status >= 400) && cluster.origin.loads.length === before) continue
      taken++
      lab.hold(false, `${what} was answered with ${statuses}`)
    }
    const good = `POST /_geecache/values HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${type}transfer-encoding: chunked\r\n\r\n${chunk(drop)}0\r\n\r\n`
    const { statuses } = await attack(peer.port, good)
    lab.hold(statuses[0] === 204, `a proper request was answered with ${statuses}`)
    lab.note('requests tried', corpus().length)
    return taken
  },
}

function corpus(): readonly (readonly [what: string, bytes: string])[] {
  const post = (headers: string, body: string) =>
    `POST /_geecache/values HTTP/1.1\r\nhost: x\r\n${type}${headers}\r\n${body}`
  const chunked = `${chunk(drop)}0\r\n\r\n`
  const { length } = drop
  const lengths = [
    `content-length: ${length}\r\ncontent-length: ${length + 1}\r\n`,
    `content-length: ${length}, ${length + 1}\r\n`,
    `content-length: +${length}\r\n`,
    `content-length: -1\r\n`,
    `content-length: 0x18\r\n`,
    `content-length: ${length}e0\r\n`,
    `content-length: ${length} 1\r\n`,
    `content-length: 99999999999999999999\r\n`,
    `content-length:\r\n`,
    `content-length : ${length}\r\n`,
    `content-length\t: ${length}\r\n`,
  ]
  const codings = [
    'transfer-encoding: xchunked\r\n',
    'transfer-encoding: chunked, identity\r\n',
    'transfer-encoding: identity\r\n',
    'transfer-encoding : chunked\r\n',
    'transfer-encoding: chun ked\r\n',
    'transfer-encoding:\x0bchunked\r\n',
    'transfer-encoding: chunked\x00\r\n',
    'transfer-encoding: gzip\r\n',
    'transfer_encoding: chunked\r\ntransfer-encoding: cow\r\n',
    'x: a\rtransfer-encoding: chunked\r\n',
    'x: a\ntransfer-encoding: chunked\ncontent-length: 1\n',
  ]
  const sizes = ['fffffffffffffffff', '-1', '0x18', '1g', ' 18', '']
  return [
    ...lengths.map((headers) => [headers, post(headers, drop + inner)] as const),
    ...codings.map((headers) => [headers, post(headers, chunked + inner)] as const),
    ...['', ' ', '\t'].map((space) => {
      const both = `content-length: 4\r\ntransfer-encoding:${space}chunked\r\n`
      return [both, post(both, chunked + inner)] as const
    }),
    ...sizes.map((size) => {
      return [
        `a chunk of ${size}`,
        post('transfer-encoding: chunked\r\n', `${size}\r\n${drop}\r\n0\r\n\r\n${inner}`),
      ] as const
    }),
    ['a chunk that is longer', post('transfer-encoding: chunked\r\n', `1\r\n${drop}\r\n0\r\n\r\n${inner}`)],
    [
      'a chunk ended by LF',
      post('transfer-encoding: chunked\r\n', `${length.toString(16)}\n${drop}\n0\n\n${inner}`),
    ],
    ['a folded header', `GET /_geecache/values/folded HTTP/1.1\r\nhost: x\r\nx: a\r\n b: c\r\n\r\n`],
    ['a space before the first header', `GET /_geecache/values/space HTTP/1.1\r\n host: x\r\n\r\n`],
    ['a header without a colon', `GET /_geecache/values/none HTTP/1.1\r\nhost: x\r\nnonsense\r\n\r\n`],
    ['a header without a name', `GET /_geecache/values/name HTTP/1.1\r\nhost: x\r\n: a\r\n\r\n`],
    ['bare LF', `GET /_geecache/values/lf HTTP/1.1\nhost: x\n\n`],
    ['no host', `GET /_geecache/values/host HTTP/1.1\r\n\r\n`],
    ['another version', `GET /_geecache/values/version HTTP/1.9\r\nhost: x\r\n\r\n`],
    ['HTTP/2', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`],
  ]
}

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`
}
