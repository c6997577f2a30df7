import { attack } from '../attacker.ts'
import type { LabCase } from '../lab/case.ts'
import { pause } from '../lab/pause.ts'
import { readValue } from '../origin.ts'
import { latency } from '../proxy/toxics/index.ts'

const keyCount = 200

/** Many removals at once. */
export const c6: LabCase = {
  id: 'C6',
  title: 'A storm of removals, late, twice and out of order',
  does: 'Five processes with 200 values are told by all five at once, ten times over, to remove them, over connections that delay everything by up to 60 ms; while they ask for some of them; then old notices are repeated, second rounds before first ones. In the end everybody sees the newest versions.',
  metric: 'messages between two processes for each key removed',
  bound: { atMost: 0.1 },
  runs: 5,
  shortRuns: 1,
  async run(lab) {
    const cluster = await lab.cluster({
      proxied: true,
      origin: { ready: () => pause(300 * lab.random()) },
      settings: { pool: { timeoutMs: 10_000 } },
    })
    const { peers, proxies, origin } = cluster
    const keys = Array.from({ length: keyCount }, (_, i) => `key-${i}`)
    for (let i = 0; i < 3; i++) await Promise.all(peers.map((peer) => peer.tell('getEach', keys)))
    for (const proxy of proxies) {
      for (const direction of ['up', 'down'] as const) proxy.add(latency(30, 30), { direction })
    }
    const served = async () => {
      const stats = await Promise.all(peers.map((peer) => peer.tell('poolStats')))
      return stats.reduce((sum, one) => sum + one.served, 0)
    }
    const before = await served()
    const rounds = 10
    const removals: Promise<void>[] = []
    const gets: Promise<readonly string[]>[] = []
    for (let round = 0; round < rounds; round++) {
      for (const key of keys) origin.write(key)
      for (const peer of peers) {
        removals.push(
          peer.tell('remove', keys).then(({ code }) => {
            lab.hold(code === undefined, `a removal was answered with ${code}`)
          }),
        )
      }
      for (const peer of peers) gets.push(peer.tell('getEach', keys.slice(0, 20)))
      await pause(40 * lab.random())
    }
    await Promise.all([...removals, ...gets])
    const messages = (await served()) - before
    for (const { port } of peers) for (const round of [2, 1, 1, 2, 2]) await repeat(port, round, keys)
    const loadsBefore = origin.loads.length
    for (const peer of peers) {
      const versions = (await peer.tell('getEach', keys)).map((value) => readValue(value)?.version)
      lab.hold(
        versions.every((version) => version === rounds + 1),
        `a get saw version ${versions.find((version) => version !== rounds + 1)} of ${rounds + 1}`,
      )
    }
    const loads = origin.loads.length - loadsBefore
    lab.hold(loads <= keyCount, `${loads} loads of ${keyCount} keys after the storm`)
    lab.note('messages', messages)
    const pairs = peers.length * (peers.length - 1)
    return messages / (rounds * keyCount * pairs)
  },
}

/** Sends a notice as a peer would have sent it before. */
async function repeat(port: number, round: number, keys: readonly string[]): Promise<void> {
  const body = JSON.stringify({ round, keys })
  const head = `POST /_geecache/values HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/vnd.geecache.drop+json\r\ncontent-length: ${body.length}\r\n\r\n`
  await attack(port, head + body)
}
