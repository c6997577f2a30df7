import { attack } from '../attacker.ts'
import type { LabCase } from '../lab/case.ts'

const secret = 'the-secret-of-this-cluster'

/** Requests that nobody should send. */
export const b5: LabCase = {
  id: 'B5',
  title: 'Paths, methods and framing that no peer sends',
  does: 'Raw sockets send path traversal, look-alikes of the base path, wrong methods, smuggled and folded headers, two lengths, bare line feeds, and binary garbage: no answer but a refusal, and never two answers to what a proxy would take for one request.',
  metric: 'requests that were let in',
  bound: { atMost: 0 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    const cluster = await lab.cluster({ size: 1 })
    const [{ port }] = cluster.peers as [(typeof cluster.peers)[0]]
    const host = 'host: x\r\n'
    const get = (path: string) => `GET ${path} HTTP/1.1\r\n${host}connection: close\r\n\r\n`
    const post = (headers: string, body: string) =>
      `POST /_geecache/values HTTP/1.1\r\n${host}${headers}\r\n${body}`
    const corpus = [
      ...[
        '/',
        '/etc/passwd',
        '/_geecache',
        '/_geecache/../etc/passwd',
        '/_geecache/%2e%2e/x',
        '/_Geecache/values/Tom',
      ].map(get),
      ...[
        '/_geecachevalues/Tom',
        '//_geecache/values/Tom',
        '/./_geecache/values/Tom',
        '/_geecache/values/%',
        '/_geecache/values/%ff',
      ].map(get),
      ...[
        '/_geecache/values/%C0%AE',
        '/_geecache//Tom',
        '/_geecache/values/',
        '/_geecache/nothing/Tom',
        'http://x/_geecache/values/Tom',
      ].map(get),
      ...['DELETE', 'PATCH', 'TRACE', 'CONNECT', 'HEAD', 'FOO'].map(
        (method) => `${method} /_geecache/values/Tom HTTP/1.1\r\n${host}connection: close\r\n\r\n`,
      ),
      post('content-type: application/json\r\ncontent-length: 7\r\n', '["Tom"]'),
      post('content-type: text/plain\r\ncontent-length: 26\r\n', '{"round":1,"keys":["Tom"]}'),
      post('content-type: application/x-www-form-urlencoded\r\ncontent-length: 2\r\n', 'a='),
      post('content-length: 4\r\ncontent-length: 5\r\n', 'abcd'),
      post(
        'content-length: 4\r\ntransfer-encoding: chunked\r\n',
        '0\r\n\r\nGET /_geecache/values/Tom HTTP/1.1\r\nhost: x\r\n\r\n',
      ),
      post('transfer-encoding: chunked, identity\r\n', '0\r\n\r\n'),
      post('transfer-encoding : chunked\r\n', '0\r\n\r\n'),
      `GET /_geecache/values/Tom HTTP/1.1\r\n${host}x: a\r\n b\r\n\r\n`,
      `GET /_geecache/values/Tom HTTP/1.1\nhost: x\n\n`,
      `GET /_geecache/values/Tom HTTP/3.0\r\n${host}\r\n`,
      `GET /_geecache/values/${'x'.repeat(5000)} HTTP/1.1\r\n${host}connection: close\r\n\r\n`,
      `GET /_geecache/values/${'x'.repeat(2 ** 20)} HTTP/1.1\r\n${host}\r\n`,
      '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03garbage\r\n\r\n',
      Buffer.from(Array.from({ length: 5000 }, () => Math.floor(256 * lab.random()))),
    ]
    let admitted = 0
    for (const request of corpus) {
      const { statuses, text } = await attack(port, request, 300)
      if (!statuses.some((status) => status < 400) && !text.includes('version 1')) continue
      admitted++
      lab.hold(false, `${JSON.stringify(String(request).slice(0, 120))} was answered with ${statuses}`)
    }
    const good = await attack(port, get('/_geecache/values/Tom'), 1000)
    lab.hold(good.statuses[0] === 200, `a proper request was answered with ${good.statuses}`)
    lab.note('requests tried', corpus.length)
    return admitted
  },
}

/** Who does not know the secret. */
export const b7: LabCase = {
  id: 'B7',
  title: 'Somebody without the secret asks, sets and removes',
  does: 'A cluster with a secret is asked, given values and told to drop everything without it, with a wrong one, with its first half, with it in another form: 401 each time, and nothing changes. Peers who know it do not notice.',
  metric: 'requests that were admitted',
  bound: { atMost: 0 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    const cluster = await lab.cluster({ size: 2, settings: { pool: { secret } } })
    const [peer, other] = cluster.peers as [(typeof cluster.peers)[0], (typeof cluster.peers)[0]]
    const [key] = cluster.keysOf(0, 1, 'key-') as [string]
    lab.hold(
      (await other.tell('get', key)).value?.startsWith(key) === true,
      'a peer with the secret was refused',
    )
    const half = secret.slice(0, secret.length / 2)
    const tries = [
      '',
      'authorization: \r\n',
      'authorization: Bearer\r\n',
      'authorization: Bearer \r\n',
      'x-secret: 1\r\n',
    ]
    for (const wrong of [
      half,
      `${secret}x`,
      secret.toUpperCase(),
      `${secret} ${secret}`,
      'undefined',
      'null',
      '0'.repeat(secret.length),
    ])
      tries.push(`authorization: Bearer ${wrong}\r\n`)
    for (const scheme of ['Basic', 'Digest', 'bearer:']) tries.push(`authorization: ${scheme} ${secret}\r\n`)
    tries.push(
      `proxy-authorization: Bearer ${secret}\r\n`,
      `authorization: Bearer x\r\nauthorization: Bearer ${secret}\r\n`,
    )
    let admitted = 0
    for (const headers of tries) {
      const end = `host: x\r\nconnection: close\r\n${headers}`
      const drop = '{"round":1,"keys":"all"}'
      for (const request of [
        `GET /_geecache/values/${key} HTTP/1.1\r\n${end}\r\n`,
        `PUT /_geecache/values/${key} HTTP/1.1\r\n${end}content-type: application/octet-stream\r\ncontent-length: 4\r\n\r\nevil`,
        `POST /_geecache/values HTTP/1.1\r\n${end}content-type: application/vnd.geecache.drop+json\r\ncontent-length: ${drop.length}\r\n\r\n${drop}`,
        `GET /_geecache/nothing/${key} HTTP/1.1\r\n${end}\r\n`,
      ]) {
        const { statuses } = await attack(peer.port, request, 500)
        if (statuses[0] === 401) continue
        admitted++
        lab.hold(false, `${JSON.stringify(headers)} was answered with ${statuses}`)
      }
    }
    lab.hold(cluster.origin.loads.length === 1, 'somebody without the secret made a load')
    lab.hold((await peer.tell('peek', key))?.endsWith('load 1.') === true, 'the value has changed')
    lab.note('requests tried', 4 * tries.length)
    return admitted
  },
}
