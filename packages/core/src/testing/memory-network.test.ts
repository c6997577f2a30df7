import { describe, expect, it, vi } from 'vitest'
import { text } from '../codec.ts'
import { Group } from '../group.ts'
import { MemoryNetwork, type MemoryNetworkOptions, type Message } from './memory-network.ts'

function cluster(names: readonly string[], options?: MemoryNetworkOptions) {
  const loads: string[] = []
  const network = new MemoryNetwork(options)
  const groups = new Map(
    names.map((name) => {
      const getter = (key: string) => {
        loads.push(`${name} loads ${key}`)
        return `${key} from ${name}`
      }
      const group = new Group<string>({ name: 'scores', maxBytes: 2 ** 20, codec: text(), getter })
      network.join(name, group)
      return [name, group]
    }),
  )
  return { network, loads, at: (name: string) => groups.get(name) as Group<string> }
}

describe('MemoryNetwork', () => {
  it('gives each key one owner, and spreads them', async () => {
    const { loads, at } = cluster(['a', 'b', 'c'])
    for (let i = 0; i < 300; i++) {
      const values = await Promise.all(['a', 'b', 'c'].map((name) => at(name).get(`key-${i}`)))
      expect(new Set(values).size).toBe(1)
    }
    expect(loads.length).toBe(300)
    for (const name of ['a', 'b', 'c']) {
      expect(loads.filter((load) => load.startsWith(name)).length).toBeGreaterThan(60)
    }
  })

  it('lets rings disagree', async () => {
    const { at } = cluster(['a', 'b'], { ownerOf: (_, viewer) => (viewer === 'a' ? 'b' : 'a') })
    expect(await Promise.all([at('a').get('Tom'), at('b').get('Tom')])).toEqual(['Tom from b', 'Tom from a'])
  })

  it('shows every message and its answer, and may lose them', async () => {
    const messages: Message[] = []
    let lose = false
    const { at } = cluster(['a', 'b'], {
      ownerOf: () => 'b',
      carry: async (message) => {
        messages.push(message)
        if (lose) throw new Error('lost')
      },
    })
    await at('a').get('Tom')
    await at('a').removeMany(['Tom', 'Sam'])
    const get = { from: 'a', to: 'b', call: 'get', group: 'scores', keys: ['Tom'] }
    const remove = { ...get, call: 'remove', keys: ['Tom', 'Sam'] }
    expect(messages).toEqual([
      { ...get, leg: 'request' },
      { ...get, leg: 'answer' },
      { ...remove, leg: 'request' },
      { ...remove, leg: 'answer' },
      { ...remove, leg: 'request' },
      { ...remove, leg: 'answer' },
    ])
    lose = true
    expect(await at('a').get('Tom')).toBe('Tom from a')
  })

  it('fails requests to a peer that has left', async () => {
    const { network, at } = cluster(['a', 'b'], { ownerOf: () => 'b' })
    network.leave('b')
    expect(network.peers).toEqual(['a'])
    expect(await at('a').get('Tom')).toBe('Tom from a')
    expect(at('a').stats.peerErrors).toBe(1)
  })

  it('lets a sender leave who has had enough', async () => {
    const carried: Message[] = []
    const { at } = cluster(['a', 'b'], {
      ownerOf: () => 'b',
      carry: (message) => new Promise<void>(() => carried.push(message)),
    })
    const caller = new AbortController()
    const get = at('a').get('Tom', { signal: caller.signal })
    await vi.waitFor(() => expect(carried).toHaveLength(1))
    caller.abort(new Error('left'))
    await expect(get).rejects.toThrow('left')
    await at('a').close()
  })

  it('has the next peer stand in for one that can’t be reached, with a guest', async () => {
    let cut = ''
    const { loads, at } = cluster(['a', 'b', 'c'], {
      carry: async ({ to }) => {
        if (to === cut) throw new Error('lost')
      },
    })
    for (let i = 0; !loads.some((load) => load.startsWith('b')); i++) await at('a').get(`key-${i}`)
    const key = (loads.at(-1) as string).replace('b loads ', '')
    loads.length = 0
    await at('a').remove(key)
    cut = 'b'
    const [standIn] = (await Promise.all([at('a').get(key), at('c').get(key)])).map((value) => value.at(-1))
    expect(loads).toEqual([`${standIn} loads ${key}`])
    expect(at(standIn as string).cacheStats('hot').items).toBe(1)
  })

  it('has previous owners hand over what they have', async () => {
    let owner = 'a'
    const { loads, at } = cluster(['a', 'b'], { ownerOf: () => owner, previousOwnerOf: () => 'a' })
    await at('a').get('Tom')
    owner = 'b'
    expect(await at('b').get('Tom')).toBe('Tom from a')
    expect(loads).toEqual(['a loads Tom'])
    expect(at('b').stats.handovers).toBe(1)
  })

  it('takes one peer of a name', () => {
    const { network, at } = cluster(['a'])
    expect(() => network.join('a', at('a'))).toThrow('there is a peer named "a" already')
  })
})
