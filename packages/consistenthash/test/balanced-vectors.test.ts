import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { HashRing, type HashRingOptions } from '../src/index.ts'
import { names, namingSchemes } from './naming.ts'

interface Vectors {
  /** Owner and stand-in of single keys on three nodes, to be read. */
  readonly owners: Record<string, string[]>
  /** SHA-256 of all that a ring answers to 2,000 keys, by what the ring is made of. */
  readonly digests: Record<string, string>
}

// Processes of two versions share a cluster while it is updated, so the balanced ring is as fixed as Go's are.
const { owners, digests } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'vectors/balanced.json'), 'utf8'),
) as Vectors

test('keys have the owners and the stand-ins that they have always had', () => {
  const ring = new HashRing().add(...names(namingSchemes['URLs that differ in the port']!, 3))
  expect(Object.keys(owners)).toHaveLength(8)
  for (const [key, order] of Object.entries(owners)) expect(ring.getN(key, 2)).toEqual(order)
})

test('balanced rings answer as they have always answered', () => {
  const answers: Record<string, string> = {}
  const schemes = Object.entries(namingSchemes)
  for (const seed of [undefined, 'only the cluster knows', 7]) {
    const options: HashRingOptions = seed === undefined ? {} : { seed }
    for (const [of, scheme] of schemes)
      for (const count of [1, 3, 100])
        answers[`${count} ${of}, seed ${seed}`] = answer(new HashRing(options).add(...names(scheme, count)))
  }
  const weighted = names(namingSchemes.IPv6!, 9).map((name, i) => ({ name, weight: i / 2 }))
  answers['weights from 0 to 4'] = answer(new HashRing().add(...weighted))
  answers['names that hash alike'] = answer(new HashRing().add('\ud800', '\udbff', '\udfff', 'a'))
  answers['5 points a node'] = answer(new HashRing({ replicas: 5 }).add(...names(namingSchemes.zones!, 30)))
  answers['4,000 nodes'] = answer(new HashRing({ replicas: 512 }).add(...names(namingSchemes.numbers!, 4000)))
  expect(answers).toEqual(digests)
})

function answer(ring: HashRing): string {
  const digest = createHash('sha256')
  for (let i = 0; i < 2000; i++)
    digest.update(JSON.stringify(ring.getN(i % 2 ? `key-${i}` : `größe:${i}:日本`, i % 50 ? 3 : 40)))
  return digest.update(JSON.stringify([...ring.shares()])).digest('hex')
}
