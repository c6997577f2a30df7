import { expect, it } from 'vitest'
import { Cluster } from './cluster.ts'
import { violations } from './invariants.ts'
import type { PeerProcess } from './peer-process.ts'

it('finds nothing in a cluster that is well', async () => {
  const cluster = await Cluster.start({ size: 2 })
  await Promise.all(cluster.peers.map((peer) => peer.tell('getEach', ['a', 'b', 'c', 'absent'])))
  expect(await cluster.violations()).toEqual([])
  await cluster[Symbol.asyncDispose]()
})

it('finds what does not hold', async () => {
  const ill = {
    url: 'http://ill',
    hasEnded: false,
    tell: async () => ({
      running: { gets: 0, loads: 0, requests: 0 },
      bytes: 11,
      maxBytes: 10,
      unhandled: ['Error: nobody'],
      warnings: ['MaxListenersExceededWarning'],
    }),
  } as unknown as PeerProcess
  expect(await violations([ill])).toEqual([
    'http://ill: it accounts for 11 bytes of 10',
    'http://ill: unhandled rejection: Error: nobody',
    'http://ill: MaxListenersExceededWarning',
  ])
})
