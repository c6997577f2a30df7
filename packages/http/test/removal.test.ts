import { Group, text } from '@geecache/core'
import { HTTPPool } from '@geecache/http'
import { afterEach, expect, it } from 'vitest'

const closers: (() => Promise<void>)[] = []
afterEach(() => Promise.all(closers.splice(0).map((close) => close())))

/** Peers on real sockets, over an origin that answers with a version. */
async function cluster(size: number) {
  const world = { version: 1 }
  const probes = Array.from({ length: size }, () => new HTTPPool('http://127.0.0.1:0'))
  const ports = await Promise.all(probes.map(async (probe) => (await probe.listen()).port))
  await Promise.all(probes.map((probe) => probe.close()))
  const urls = ports.map((port) => `http://127.0.0.1:${port}`)
  const peers = urls.map((url) => {
    const getter = (key: string) => `${key} v${world.version}`
    const group = new Group<string>({ name: 'g', maxBytes: 2 ** 20, codec: text(), getter })
    const pool = new HTTPPool(url, { timeoutMs: 60_000 }).register(group)
    pool.set(...urls)
    closers.push(async () => {
      await pool.close()
      await group.close()
    })
    return { url, group, pool }
  })
  await Promise.all(peers.map(({ pool }) => pool.listen()))
  return { world, peers, groups: peers.map(({ group }) => group) }
}

const keys = Array.from({ length: 50 }, (_, i) => `key/${i} ä+`)

it('a removal is heard by all peers, of one key, many, or all', async () => {
  const { world, groups } = await cluster(3)
  const everywhere = async () => {
    const values = await Promise.all(groups.flatMap((group) => keys.map((key) => group.get(key))))
    return new Set(values.map((value) => value.split(' v')[1]))
  }
  // Three times, so that all peers have hot copies.
  for (let i = 0; i < 3; i++) expect(await everywhere()).toEqual(new Set(['1']))
  world.version = 2
  await groups[0]?.removeMany(keys)
  for (let i = 0; i < 3; i++) expect(await everywhere()).toEqual(new Set(['2']))
  world.version = 3
  await Promise.all(keys.map((key) => groups[1]?.remove(key)))
  for (let i = 0; i < 3; i++) expect(await everywhere()).toEqual(new Set(['3']))
  world.version = 4
  await groups[2]?.clear()
  expect(await everywhere()).toEqual(new Set(['4']))
})

it('a value that is set is everybody’s, whoever owns the key', async () => {
  const { groups } = await cluster(3)
  for (const key of keys) await groups[0]?.set(key, `${key} set`)
  for (const group of groups) for (const key of keys) expect(await group.get(key)).toBe(`${key} set`)
})

it('a peer that is gone is named by its URL', async () => {
  const { peers } = await cluster(3)
  const [first, , last] = peers
  await last?.pool.close()
  await expect(first?.group.remove('key')).rejects.toMatchObject({
    code: 'remove-incomplete',
    peers: [last?.url],
  })
})

it('a pool that is closed can tell nobody, and says so', async () => {
  const { peers } = await cluster(3)
  const [first, ...others] = peers
  const closed = first?.pool.close()
  const incomplete = { code: 'remove-incomplete', peers: others.map(({ url }) => url) }
  await expect(first?.group.remove('key')).rejects.toMatchObject(incomplete)
  await closed
  await expect(first?.group.remove('key')).rejects.toMatchObject(incomplete)
  await expect(first?.group.set('key', 'set')).rejects.toMatchObject(incomplete)
  await expect(first?.group.clear()).rejects.toMatchObject(incomplete)
  expect(await first?.group.get('key')).toBe('key v1')
})
