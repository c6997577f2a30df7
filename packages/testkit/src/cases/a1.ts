import type { Cluster } from '../cluster.ts'
import type { Outcome } from '../control.ts'
import type { Lab, LabCase } from '../lab/case.ts'
import { pause } from '../lab/pause.ts'
import { readValue } from '../origin.ts'
import type { Toxic } from '../proxy/toxic.ts'
import { bandwidth, limitData } from '../proxy/toxics/index.ts'

const timeoutMs = 1000

/** A peer dies while it answers. */
export const a1: LabCase = {
  id: 'A1',
  title: 'A peer dies in the middle of its answer',
  does: 'The connection is cut after every number of bytes of an answer (every third in a short run), to one key and to a batch of three; then the process is killed while a large value is on its way. Each get must have its value, and nothing cut may be kept.',
  metric: 'gets that failed, hung, or were answered wrong, over all offsets',
  bound: { atMost: 0 },
  runs: 3,
  shortRuns: 1,
  async run(lab) {
    const cluster = await lab.cluster({
      size: 2,
      proxied: true,
      origin: { sizeOf: (key) => (key.startsWith('large') ? 2 ** 21 : 0) },
      settings: { pool: { timeoutMs, breaker: false } },
    })
    const bad = (await cutEverywhere(lab, cluster, 1)) + (await cutEverywhere(lab, cluster, 3))
    return bad + (await killMidway(cluster))
  },
}

/** Cuts the answer to `batch` keys after every number of bytes; how many gets went wrong. */
async function cutEverywhere(lab: Lab, cluster: Cluster, batch: number): Promise<number> {
  const [caller, owner] = cluster.peers as [Cluster['peers'][0], Cluster['peers'][0]]
  const proxy = cluster.proxy(1)
  let length = 0
  const count: Toxic = () => ({
    *chunk(bytes) {
      length += bytes.length
      yield bytes
    },
  })
  const ask = async (name: string): Promise<number> => {
    const keys = cluster.keysOf(1, batch, `${name}-${batch}-`)
    const began = performance.now()
    const values = await caller.tell('getEach', keys)
    const isLate = performance.now() - began > timeoutMs + 500
    let bad = isLate ? batch : 0
    for (const [i, key] of keys.entries()) {
      const kept = [await caller.tell('peek', key), await owner.tell('peek', key)]
      for (const value of [values[i], ...kept]) {
        if (value !== undefined && readValue(value)?.key !== key) bad++
      }
    }
    return bad
  }
  await ask('first')
  const stopCounting = proxy.add(count)
  await ask('whole')
  stopCounting()
  lab.note(`bytes of an answer to ${batch} key${batch > 1 ? 's' : ''}`, length)
  // The values of later loads are some digits longer.
  const last = length + 4 * batch
  let bad = 0
  for (let offset = 0; offset <= last; offset += lab.short ? 3 : 1) {
    const heal = proxy.add(limitData(offset))
    bad += await ask(`cut-${offset}`)
    heal()
  }
  return bad
}

async function killMidway(cluster: Cluster): Promise<number> {
  const [caller, owner] = cluster.peers as [Cluster['peers'][0], Cluster['peers'][0]]
  const [key] = cluster.keysOf(1, 1, 'large-') as [string]
  await owner.tell('get', key)
  cluster.proxy(1).add(bandwidth(2 ** 20))
  const got: Promise<Outcome> = caller.tell('get', key)
  await pause(300)
  await owner.kill()
  cluster.proxy(1).cut()
  const { value, ms } = await got
  return value !== undefined && readValue(value)?.key === key && ms < timeoutMs + 500 ? 0 : 1
}
