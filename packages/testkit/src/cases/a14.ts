import { Group, isGeeCacheError, type PeerGetter, text } from '@geecache/core'
import { HTTPPool, type HTTPPoolOptions } from '@geecache/http'
import { freePort } from '../free-port.ts'
import { linkTo, ownValue } from '../lab/caller.ts'
import type { Lab, LabCase } from '../lab/case.ts'
import { certificatesFor } from '../lab/certificates.ts'
import { serve } from '../lab/serve.ts'

const options = { name: 'values', maxBytes: 2 ** 20, codec: text() }
const timeoutMs = 5000
// Nobody listens there, and it is below the ports that the system gives to whoever asks for one meanwhile.
const closed = 2

/** Addresses where no peer can be reached. */
export const a14: LabCase = {
  id: 'A14',
  title: 'Refused, unreachable, unknown, or not who it should be',
  does: 'Peers at addresses where nobody listens (IPv4 and IPv6), that cannot be reached, whose name nobody knows, whose certificate is for another name, or who speak no TLS: each get has its value from here at once, the failure counts as a hard one, and the error says which it was. A name with two addresses, of which one refuses, works.',
  metric: 'ms of the slowest get that could not be answered by its peer',
  bound: { atMost: timeoutMs - 1000 },
  runs: 5,
  shortRuns: 1,
  async run(lab) {
    const group = new Group<string>({ ...options, getter: () => 'peer' })
    // It listens at 127.0.0.1 only.
    const { port: plain } = lab.use(await serve(group))
    const [named, ours] = await certificatesFor('peer.example', 'localhost')
    const secure = await securePeer(lab, named)
    const rows: readonly (readonly [url: string, says: RegExp, options?: HTTPPoolOptions])[] = [
      [`http://127.0.0.1:${closed}`, /ECONNREFUSED/],
      [`http://[::1]:${closed}`, /ECONNREFUSED|EADDRNOTAVAIL|ENETUNREACH|EAFNOSUPPORT/],
      ['http://255.255.255.255:8001', /ENETUNREACH|EHOSTUNREACH|EACCES|EINVAL/],
      [`https://localhost:${secure}`, /altnames|ERR_TLS_CERT_ALTNAME_INVALID/i, { tls: ours }],
      [`https://localhost:${plain}`, /SSL|wrong version|EPROTO|packet/i, { tls: ours }],
    ]
    let slowest = 0
    for (const [url, says, poolOptions] of rows) {
      const { pool, get } = caller(lab, url, poolOptions)
      for (let i = 0; i < 10; i++) {
        const { value, ms } = await get()
        lab.hold(value === 'own', `${url}: a get was answered with ${value}`)
        slowest = Math.max(slowest, ms)
      }
      const { failures, timeouts } = pool.stats
      lab.hold(failures === 10 && timeouts === 0, `${url}: ${failures} failures, ${timeouts} timeouts`)
      const [peer] = pool.peers() as Iterable<PeerGetter>
      const error = await peer?.get('values', 'Tom').catch((reason) => reason)
      lab.hold(
        isGeeCacheError(error, 'peer-failed') && says.test(`${error.message} ${String(error.cause)}`),
        `${url}: ${error}`,
      )
    }
    // How long a resolver takes to say that it knows nobody of that name is not ours to say.
    const unknown = await caller(lab, 'http://no-such-peer.invalid:8001').get()
    lab.hold(unknown.value === 'own', `a peer of an unknown name: ${unknown.value}`)
    lab.note('ms of a get of a peer whose name is unknown', unknown.ms)
    const twofold = await caller(lab, `http://localhost:${plain}`).get()
    lab.hold(twofold.value === 'peer', `a peer at one of two addresses: ${twofold.value}`)
    return slowest
  },
}

/** Gets of a group whose other peer is at `url`: who answered, and how long it took. */
function caller(lab: Lab, url: string, poolOptions: HTTPPoolOptions = {}) {
  const group = new Group<string>({ ...options, getter: ownValue })
  const scheme = poolOptions.tls === undefined ? 'http' : 'https'
  const self = `${scheme}://127.0.0.1:1`
  const { pool, nextKey } = lab.use(linkTo(url, group, { timeoutMs, handover: false, ...poolOptions }, self))
  const get = async () => {
    const key = nextKey()
    const began = performance.now()
    const value = await group.get(key)
    return { value: value === ownValue(key) ? 'own' : value, ms: performance.now() - began }
  }
  return { pool, get }
}

/** A peer with a certificate; its port. */
async function securePeer(lab: Lab, tls: HTTPPoolOptions['tls']): Promise<number> {
  const group = new Group<string>({ ...options, getter: () => 'peer' })
  const port = await freePort()
  const pool = new HTTPPool(`https://localhost:${port}`, { tls }).register(group)
  lab.use(pool)
  await pool.listen()
  return port
}
