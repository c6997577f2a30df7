import { HTTPPool } from '@geecache/http'
import type { LabCase } from '../lab/case.ts'
import type { Random } from '../proxy/random.ts'

const self = 'http://peer-1.local:8001'

/** A list of peers that somebody else has written. */
export const b16: LabCase = {
  id: 'B16',
  title: 'A list of peers that cannot be trusted',
  does: 'Lists of peers from a discovery service that anybody may write to hold URLs with other schemes, credentials, paths, queries, fragments, no host, ports that are none, line ends, and plain garbage, made at random. Each list with one of them is refused as a whole, and what was there before stays.',
  metric: 'bad URLs that were taken',
  bound: { atMost: 0 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    const pool = new HTTPPool(self)
    const others = ['http://peer-2.local:8001', 'http://10.0.0.3']
    pool.set(self, ...others)
    const names = () => Array.from(pool.peers(), ({ name }) => name).join(' ')
    const known = names()
    const total = lab.short ? 5000 : 50_000
    let taken = 0
    for (let i = 0; i < total; i++) {
      const bad = badUrl(lab.random)
      try {
        pool.set(self, ...others, bad)
        taken++
        lab.hold(false, `${JSON.stringify(bad)} was taken`)
        pool.set(self, ...others)
      } catch (error) {
        const { code, message } = error as { code?: string; message: string }
        lab.hold(code === 'invalid-option', `${JSON.stringify(bad)}: ${error}`)
        lab.hold(!message.includes('hunter2'), 'an error tells a password')
      }
      if (names() !== known) lab.hold(false, `after ${JSON.stringify(bad)} the peers are ${names()}`)
    }
    for (const good of ['http://[::1]:8001', 'http://peer_4.local', 'HTTP://PEER-5.LOCAL:80/']) {
      pool.set(self, ...others, good)
      lab.hold(names().split(' ').length === 3, `${good} was not taken`)
    }
    lab.note('URLs', total)
    await pool.close()
    return taken
  },
}

function badUrl(random: Random): string {
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)] as string
  const host = pick(['peer-2.local', '10.0.0.2', '[::1]', 'localhost', '169.254.169.254'])
  const port = pick(['', ':1', ':8001', ':65535'])
  const garbage = String.fromCharCode(...Array.from({ length: 1 + 8 * random() }, () => 1 + 126 * random()))
  return pick([
    `${pick(['https', 'ftp', 'file', 'ws', 'data', 'javascript', 'unix', 'blob', 'http+unix'])}://${host}${port}`,
    `http://${pick(['admin', 'admin:hunter2', ':hunter2', 'a%40b'])}@${host}${port}`,
    `http://${host}${port}/${pick(['x', '..%2f', '_geecache/', '//evil', ' x'])}`,
    `http://${host}${port}${pick(['?x=1', '#x', '/?x', '/#x', '?a#b'])}`,
    `http://${host}${pick([':65536', ':99999', ':-1', ':8001x', ':0x50', ':8 0'])}`,
    `http://${pick(['', '.', 'a b', '[::1', '10.0.0.256', 'a|b', '%'])}:8001/x`,
    pick([
      '',
      ' ',
      'peer-2',
      '//peer-2',
      '/etc/passwd',
      'peer-2:8001',
      'null',
      'undefined',
      '[object Object]',
    ]),
    `not${garbage}`,
  ])
}
