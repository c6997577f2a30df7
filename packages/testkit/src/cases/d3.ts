import { HTTPPool } from '@geecache/http'
import type { LabCase } from '../lab/case.ts'

/** Oneself, misspelt. */
export const d3: LabCase = {
  id: 'D3',
  title: 'A process is spelled differently in its own list of peers',
  does: 'Lists of peers name this process in capitals, with its default port, with a slash at the end; or do not name it at all. It either knows itself or refuses the list; it never takes itself for another.',
  metric: 'lists by which it would call itself',
  bound: { atMost: 0 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    const own = [
      'http://Peer-1.local',
      'http://peer-1.local:80',
      'HTTP://PEER-1.LOCAL/',
      'http://peer-1.local:080',
      'http://peer-1.local/',
    ]
    const others = ['http://peer-2.local', 'http://10.0.0.3:8001']
    let selfCalls = 0
    for (const self of own) {
      for (const spelled of own) {
        const pool = new HTTPPool(self)
        pool.set(...others, spelled)
        const names = Array.from(pool.peers(), ({ name }) => name)
        const mine = Array.from({ length: 300 }, (_, i) => pool.pickPeer(`key-${i}`)).filter(
          (peer) => peer === undefined,
        )
        if (names.length !== 2 || names.some((name) => name.includes('peer-1')) || mine.length < 30)
          selfCalls++
        await pool.close()
      }
    }
    const refused = [
      'http://peer-1.local:8080',
      'http://peer-10.local',
      'https://peer-1.local',
      'http://user@peer-1.local',
      'http://peer-1.local/x',
    ]
    for (const list of refused) {
      const pool = new HTTPPool('http://peer-1.local')
      try {
        pool.set(...others, list)
        selfCalls++
      } catch (error) {
        lab.hold((error as { code?: string }).code === 'invalid-option', String(error))
      }
      await pool.close()
    }
    return selfCalls
  },
}
