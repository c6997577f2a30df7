import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { goRing, groupcacheGoRing, HashRing, mailgunRing } from '../src/index.ts'

interface Vectors {
  readonly rings: Record<
    string,
    { peers: string[]; owners: Record<'golang' | 'mailgun', Record<string, string>> }
  >
}

const { rings } = JSON.parse(readFileSync(join(import.meta.dirname, 'vectors/ring.json'), 'utf8')) as Vectors

describe.each(Object.entries(rings))('on the peers of %s', (_, { peers, owners }) => {
  test.each([
    ['goRing', goRing, owners.golang],
    ['mailgunRing', mailgunRing, owners.mailgun],
    ['groupcacheGoRing', groupcacheGoRing, owners.mailgun],
  ] as const)('%s gives every key the owner that Go gives it', (_, options, expected) => {
    const ring = new HashRing(options).add(...peers)
    expect(Object.keys(expected)).toHaveLength(220)
    expect(Object.fromEntries(Object.keys(expected).map((key) => [key, ring.get(key)]))).toEqual(expected)
  })
})

test("goRing gives the tutorial's three people the peers that GeeCache gives them", () => {
  const peers = [8001, 8002, 8003].map((port) => `http://localhost:${port}`)
  const ring = new HashRing(goRing).add(...peers)
  expect(['Tom', 'Jack', 'Sam'].map((key) => ring.get(key))).toEqual([peers[0], peers[0], peers[2]])
})

test("mailgunRing agrees with mailgun/groupcache's own test of hashing", () => {
  const ring = new HashRing({ ...mailgunRing, replicas: 512 }).add('6', '4', '2')
  const owners = () => ['12,000', '11', '500,000', '1,000,000'].map((key) => ring.get(key))
  expect(owners()).toEqual(['4', '6', '4', '2'])
  ring.add('8')
  expect(owners()).toEqual(['4', '8', '4', '8'])
})
