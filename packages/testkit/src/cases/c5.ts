import type { LabCase } from '../lab/case.ts'
import { pause, until } from '../lab/pause.ts'
import { readValue } from '../origin.ts'

/** A peer that missed a removal. */
export const c5: LabCase = {
  id: 'C5',
  title: 'A value is removed while a peer cannot be told',
  does: 'All five processes have a value; its owner, or another one, cannot be reached when it is removed. The caller is told who missed it, the others see the new value at once; when the peer is back, it is told.',
  metric: 'ms from the peer’s return until nobody sees the old value',
  bound: { atMost: 16_000 },
  runs: 20,
  shortRuns: 2,
  async run(lab) {
    const cluster = await lab.cluster({ proxied: true, settings: { pool: { timeoutMs: 500 } } })
    const owner = 1
    const lost = lab.round % 2 === 0 ? owner : 3
    const [key] = cluster.keysOf(owner, 1, `run-${lab.round}-`) as [string]
    const seenBy = async (index: number) => {
      const { value } = await cluster.peer(index).tell('get', key)
      return readValue(value ?? '')?.version
    }
    for (let round = 0; round < 5; round++) {
      for (let index = 0; index < 5; index++)
        lab.hold((await seenBy(index)) === 1, 'the first version was not seen')
    }
    cluster.proxy(lost).down()
    cluster.origin.write(key)
    const { code, message } = await cluster.peer(0).tell('remove', [key])
    lab.hold(code === 'remove-incomplete', `the remover was told ${code}`)
    lab.hold(message?.includes(cluster.peer(lost).url as string) === true, `the remover was told ${message}`)
    for (let index = 0; index < 5; index++) {
      if (index !== lost) lab.hold((await seenBy(index)) === 2, `peer ${index} still saw the old value`)
    }
    await pause(lab.short ? 500 : 500 + 3000 * lab.random())
    cluster.proxy(lost).heal()
    const allNew = async () => {
      const seen = await Promise.all([0, 1, 2, 3, 4].map(seenBy))
      return seen.every((version) => version === 2)
    }
    const ms = await until(allNew, 30_000)
    await pause(200)
    lab.hold(await allNew(), 'the old value came back')
    return ms
  },
}
