import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { text } from './codec.ts'
import { Group } from './group.ts'

/**
 * Peers whose rings say anything at all, each asking for the same keys at once, with every getter and every
 * message between them settling in any order, or failing.
 */
interface World {
  /** For each peer and key, which peer its ring names. */
  readonly rings: readonly (readonly number[])[]
  readonly lossy: boolean
}

const keys = ['Tom', 'Jack', 'Sam']

const worlds: fc.Arbitrary<World> = fc.integer({ min: 2, max: 5 }).chain((peers) =>
  fc.record({
    rings: fc.array(fc.array(fc.nat(peers - 1), { minLength: keys.length, maxLength: keys.length }), {
      minLength: peers,
      maxLength: peers,
    }),
    lossy: fc.boolean(),
  }),
)

describe('peers whose rings disagree', () => {
  it('answer every get, each loading a key at most once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), worlds, async (scheduler, { rings, lossy }) => {
        const loads: string[] = []
        const groups: Group<string>[] = rings.map(
          (ring, self) =>
            new Group({
              name: 'scores',
              maxBytes: 2 ** 20,
              codec: text(),
              getter: async (key) => {
                loads.push(`${self} ${key}`)
                return scheduler.schedule(Promise.resolve(`${key} of ${self}`), `${self} loads ${key}`)
              },
              peers: {
                pickPeer(key) {
                  const peer = ring[keys.indexOf(key)] as number
                  return peer === self ? undefined : remote(self, peer)
                },
              },
            }),
        )
        const remote = (from: number, to: number) => ({
          async get(group: string, key: string) {
            await scheduler.schedule(Promise.resolve(), `${from} asks ${to} for ${key}`)
            const answer = await (groups[to] as Group<string>).local.get(group, key)
            await scheduler.schedule(Promise.resolve(), `${to} answers ${from} with ${key}`)
            if (lossy) throw new Error('lost')
            return answer
          },
        })
        const gets = groups.flatMap((group) => [...keys, ...keys].map((key) => group.get(key)))
        await scheduler.waitFor(Promise.all(gets))
        const values = await Promise.all(gets)
        values.forEach((value, i) => {
          expect(value.startsWith(`${keys[i % keys.length]} of `)).toBe(true)
        })
        expect(new Set(loads).size).toBe(loads.length)
        for (const group of groups) await group.close()
      }),
      { numRuns: 300 },
    )
  })
})
