import { describe, expect, it, vi } from 'vitest'
import { text } from './codec.ts'
import { Group } from './group.ts'
import type { PeerPicker, PeerValue } from './peers.ts'
import { SharedGets } from './shared-gets.ts'

describe('SharedGets', () => {
  it('gives the answer of a get to all who come while it is under way', async () => {
    const gets = new SharedGets<number>()
    const answer = gets.add('Tom', async () => 1)
    expect(gets.get('Tom')).toBe(answer)
    expect(gets.get('Jack')).toBeUndefined()
    expect(await answer).toBe(1)
    expect([gets.get('Tom'), gets.size]).toEqual([undefined, 0])
  })

  it('has forgotten a failure before anybody hears of it', async () => {
    const gets = new SharedGets<number>()
    const answer = gets.add('Tom', () => Promise.reject(new Error('no')))
    const left = await answer.catch(() => gets.size)
    expect(left).toBe(0)
  })

  it.each<[string, (gets: SharedGets<number>) => void]>([
    ['fence', (gets) => gets.fence('Tom')],
    ['fenceAll', (gets) => gets.fenceAll()],
  ])('lets nobody join after a %s, which leaves the successor alone', async (_, fence) => {
    const gets = new SharedGets<number>()
    const ends: ((value: number) => void)[] = []
    const run = () => new Promise<number>((resolve) => ends.push(resolve))
    const old = gets.add('Tom', run)
    fence(gets)
    expect(gets.get('Tom')).toBeUndefined()
    const next = gets.add('Tom', run)
    ends[0]?.(1)
    expect(await old).toBe(1)
    expect(gets.get('Tom')).toBe(next)
    ends[1]?.(2)
    expect(await next).toBe(2)
    expect(gets.size).toBe(0)
  })
})

describe('gets that share an answer', () => {
  const fences: [string, (group: Group<string>) => Promise<void>][] = [
    ['the first round of a remove', (group) => group.local.remove('scores', ['Tom'], { round: 1 })],
    ['the second round of a remove', (group) => group.local.remove('scores', ['Tom'], { round: 2 })],
    ['the first round of a clear', (group) => group.local.clear('scores', { round: 1 })],
    ['the second round of a clear', (group) => group.local.clear('scores', { round: 2 })],
  ]

  function scores(peers?: PeerPicker) {
    const ends: ((value: string) => void)[] = []
    const getter = vi.fn(() => new Promise<string>((resolve) => ends.push(resolve)))
    const options = { name: 'scores', maxBytes: 2 ** 20, codec: text(), getter }
    return { ends, getter, group: new Group<string>(peers ? { ...options, peers } : options) }
  }

  it('are counted as such, and are one promise', async () => {
    const { group, ends } = scores()
    const gets = Array.from({ length: 3 }, () => group.get('Tom'))
    expect(new Set(gets).size).toBe(1)
    ends[0]?.('630')
    await gets[0]
    expect(group.stats).toMatchObject({ gets: 3, cacheHits: 0, loads: 3, loadsDeduped: 1, localLoads: 1 })
  })

  it('are not joined by a get that starts after any round, while they wait for a peer', async () => {
    for (const [what, fence] of fences) {
      const answers: ((value: PeerValue) => void)[] = []
      const peer = { name: 'b', get: () => new Promise<PeerValue>((resolve) => answers.push(resolve)) }
      const { group } = scores({ pickPeer: () => peer })
      const old = group.get('Tom')
      await fence(group)
      const next = group.get('Tom')
      for (const [i, text] of ['old', 'new'].entries())
        answers[i]?.({ bytes: new TextEncoder().encode(text) })
      expect(await Promise.all([old, next]), what).toEqual(['old', 'new'])
    }
  })

  it.each(fences.filter(([what]) => what.startsWith('the first')))(
    'are not joined by a get that starts after %s, while they wait for the getter',
    async (_, fence) => {
      const { group, ends } = scores()
      const old = group.get('Tom')
      await fence(group)
      const next = group.get('Tom')
      for (const [i, text] of ['old', 'new'].entries()) ends[i]?.(text)
      expect(await Promise.all([old, next])).toEqual(['old', 'new'])
    },
  )

  it('are not joined after close', async () => {
    const { group, ends } = scores()
    const old = group.get('Tom')
    const closed = group.close()
    await expect(group.get('Tom')).rejects.toMatchObject({ code: 'closed' })
    ends[0]?.('old')
    await Promise.allSettled([old, closed])
  })
})
