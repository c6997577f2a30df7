import { describe, expect, it, vi } from 'vitest'
import { text } from './codec.ts'
import { GeeCacheError, NotFoundError } from './errors.ts'
import { Group } from './group.ts'
import type { GroupOptions } from './options.ts'
import type { PeerGetter, PeerPicker, PeerRequest, PeerValue } from './peers.ts'

function scores(peers: PeerPicker, options: Partial<GroupOptions<string>> = {}) {
  const getter = vi.fn(async (key: string): Promise<string> => `${key} loaded here`)
  const group = new Group<string>({
    name: 'scores',
    maxBytes: 2 ** 20,
    codec: text(),
    getter,
    peers,
    ...options,
  })
  return { group, getter }
}

function peer(name: string, get: (key: string, request: PeerRequest) => PeerValue | Promise<PeerValue>) {
  return {
    name,
    get: vi.fn(async (_group: string, key: string, request: PeerRequest = {}) => get(key, request)),
    remove: async () => {},
    clear: async () => {},
  } satisfies PeerGetter
}

function encoded(value: string): PeerValue {
  return { bytes: new TextEncoder().encode(value) }
}

const refused = () => new GeeCacheError('peer-failed', 'connection refused')
const refuse = () => Promise.reject(refused())

/** Names the first of `ranked` that has not failed, then this process. */
function ranking(...ranked: PeerGetter[]): PeerPicker {
  return { pickPeer: (_, failed) => ranked.find((each) => !failed?.has(each)), peers: () => ranked }
}

describe('a get whose owner fails', () => {
  it('is answered by the peer that stands in', async () => {
    const [owner, standIn] = [peer('a', refuse), peer('b', () => encoded('from b'))]
    const { group, getter } = scores(ranking(owner, standIn))
    expect(await Promise.all([group.get('Tom'), group.get('Tom')])).toEqual(['from b', 'from b'])
    expect([owner.get.mock.calls.length, standIn.get.mock.calls.length]).toEqual([1, 1])
    expect(getter).not.toHaveBeenCalled()
    expect(group.stats).toMatchObject({ peerErrors: 1, peerLoads: 1, loadsDeduped: 1, localLoads: 0 })
  })

  it('asks two peers at most, then loads here', async () => {
    const ranked = ['a', 'b', 'c'].map((name) => peer(name, refuse))
    const { group } = scores(ranking(...ranked))
    expect(await group.get('Tom')).toBe('Tom loaded here')
    expect(ranked.map(({ get }) => get.mock.calls.length)).toEqual([1, 1, 0])
    expect(group.stats).toMatchObject({ peerErrors: 2, localLoads: 1 })
  })

  it('rejects when the picker throws as it is asked who stands in', async () => {
    const owner: PeerGetter = {
      name: 'a',
      get: refuse,
      ask: (_group, _key, answer) => queueMicrotask(() => answer.fail(refused())),
    }
    const pickPeer = (_key: string, failed?: ReadonlySet<PeerGetter>) => {
      if (failed !== undefined) throw new Error('no ring')
      return owner
    }
    const { group } = scores({ pickPeer })
    await expect(group.get('Tom')).rejects.toThrow('no ring')
    await group.close()
  })

  it('is loaded here when this process is the one that stands in', async () => {
    const owner = peer('a', refuse)
    const { group } = scores(ranking(owner))
    expect(await group.get('Tom')).toBe('Tom loaded here')
    expect(owner.get).toHaveBeenCalledTimes(1)
  })

  it.each([
    ['the same peer', (a: PeerGetter) => a],
    ['the same peer, made anew', (a: PeerGetter) => ({ ...a })],
  ])('is loaded here when the picker names %s again', async (_, pick) => {
    const owner = peer('a', refuse)
    const { group } = scores({ pickPeer: () => pick(owner) })
    expect(await group.get('Tom')).toBe('Tom loaded here')
    expect(owner.get).toHaveBeenCalledTimes(1)
    expect(group.stats.peerErrors).toBe(1)
  })

  it('is loaded here at once when the owner missed its deadline', async () => {
    const owner = peer('a', () => Promise.reject(new GeeCacheError('peer-timeout', 'late')))
    const standIn = peer('b', () => encoded('from b'))
    const { group } = scores(ranking(owner, standIn))
    expect(await group.get('Tom')).toBe('Tom loaded here')
    expect(standIn.get).not.toHaveBeenCalled()
    expect(group.stats.peerErrors).toBe(1)
  })

  it('ends with what the origin said, to whichever peer', async () => {
    const absent = peer('b', () => Promise.reject(new NotFoundError('Tom not found')))
    const { group, getter } = scores(ranking(peer('a', refuse), absent))
    await expect(group.get('Tom')).rejects.toMatchObject({ code: 'not-found' })
    expect(getter).not.toHaveBeenCalled()
  })

  it('asks nobody else for a caller who has left', async () => {
    const caller = new AbortController()
    const owner = peer('a', () => {
      caller.abort(new Error('left'))
      return refuse()
    })
    const standIn = peer('b', () => encoded('from b'))
    const { group, getter } = scores(ranking(owner, standIn))
    await expect(group.get('Tom', { signal: caller.signal })).rejects.toThrow('left')
    await group.close()
    expect(standIn.get).not.toHaveBeenCalled()
    expect(getter).not.toHaveBeenCalled()
  })

  it('keeps no copy of what the stand-in answered if the key was removed meanwhile', async () => {
    let answer: (value: PeerValue) => void = () => {}
    const standIn = peer('b', () => new Promise((resolve) => (answer = resolve)))
    const { group } = scores(ranking(peer('a', refuse), standIn))
    for (let i = 0; i < 2; i++) {
      const get = group.get('Tom')
      await vi.waitFor(() => expect(standIn.get).toHaveBeenCalledTimes(i + 1))
      if (i === 1) await group.remove('Tom')
      answer(encoded('old'))
      expect(await get).toBe('old')
    }
    // Of the second get a copy would have been kept.
    expect(group.peek('Tom')).toBeUndefined()
  })
})

describe('what is loaded for a key', () => {
  /** This process stands in for the owner of all keys, which can't be reached. */
  const standsIn: PeerPicker = { pickPeer: () => undefined, owns: () => false }
  const items = ({ cacheStats }: Group<string>, group: Group<string>) =>
    (['main', 'hot'] as const).map((which) => cacheStats.call(group, which).items)

  it('that this process does not truly own is a guest, for hot.ttlMs at most, and answers peers', async () => {
    let time = 0
    const { group, getter } = scores(standsIn, { now: () => time, hot: { ttlMs: 1000 } })
    await group.get('Tom')
    expect(items(group, group)).toEqual([0, 1])
    expect(await group.local.get('scores', 'Tom')).toMatchObject(encoded('Tom loaded here'))
    expect(getter).toHaveBeenCalledTimes(1)
    time = 1001
    expect(group.peek('Tom')).toBeUndefined()
  })

  it('that this process truly owns is kept in mainCache, whoever pickPeer names', async () => {
    const { group } = scores({ pickPeer: () => peer('b', refuse), owns: () => true })
    await group.get('Tom')
    expect(items(group, group)).toEqual([1, 0])
  })

  it('is a guest too when it was set at one who stands in, from here or by a peer', async () => {
    let time = 0
    const { group } = scores(standsIn, { now: () => time, hot: { ttlMs: 1000 } })
    await group.set('Tom', 'set here')
    await group.local.set('scores', 'Jack', encoded('set by a peer'))
    expect(items(group, group)).toEqual([0, 2])
    expect([group.peek('Tom'), group.peek('Jack')]).toEqual(['set here', 'set by a peer'])
    time = 1001
    expect([group.peek('Tom'), group.peek('Jack')]).toEqual([undefined, undefined])
  })
})

describe('a key that has become this process’s own', () => {
  /** This process owns all keys, which `previous` owned before. */
  const after = (previous: PeerGetter, owns = () => true): PeerPicker => ({
    pickPeer: () => undefined,
    owns,
    previousOwner: () => previous,
    peers: () => [previous],
  })
  const notCached = () => Promise.reject(new GeeCacheError('not-cached', 'not cached'))

  it('is handed over by its previous owner, with the time it has left', async () => {
    let time = 0
    const previous = peer('a', () => ({ ...encoded('handed over'), ttlMs: 100 }))
    const { group, getter } = scores(after(previous), { now: () => time })
    expect(await Promise.all([group.get('Tom'), group.get('Tom')])).toEqual(['handed over', 'handed over'])
    expect(previous.get).toHaveBeenCalledTimes(1)
    expect(previous.get).toHaveBeenCalledWith(
      'scores',
      'Tom',
      expect.objectContaining({ onlyIfCached: true }),
    )
    expect(getter).not.toHaveBeenCalled()
    expect(group.cacheStats('main').items).toBe(1)
    expect(group.stats).toMatchObject({ handovers: 1, peerLoads: 0, localLoads: 0, peerErrors: 0 })
    expect(await group.local.get('scores', 'Tom')).toMatchObject({ ...encoded('handed over'), ttlMs: 100 })
    time = 100
    expect(group.peek('Tom')).toBeUndefined()
  })

  it.each<[string, () => PeerValue | Promise<PeerValue>]>([
    ['has nothing', notCached],
    ['says that there is none', () => Promise.reject(new NotFoundError('Tom not found'))],
    ['cannot be asked', refuse],
    ['answers with something stale', () => ({ ...encoded('stale'), ttlMs: 0 })],
    ['answers with no value', () => ({ bytes: 'x' }) as never],
  ])('is loaded, and no word of it, when its previous owner %s', async (_, answer) => {
    const { group } = scores(after(peer('a', answer)))
    expect(await group.get('Tom')).toBe('Tom loaded here')
    expect(group.stats).toMatchObject({ handovers: 0, peerErrors: 0, localLoads: 1, localLoadErrs: 0 })
  })

  it('is not asked for when it is not truly this process’s own, or a stale value is here', async () => {
    let time = 0
    let owned = false
    const previous = peer('a', notCached)
    const { group } = scores(
      after(previous, () => owned),
      { now: () => time, ttlMs: 10, staleIfErrorMs: 100 },
    )
    await group.get('Tom')
    expect(previous.get).not.toHaveBeenCalled()
    owned = true
    await group.get('Jack')
    expect(previous.get).toHaveBeenCalledTimes(1)
    time = 20
    await group.get('Jack')
    expect(previous.get).toHaveBeenCalledTimes(1)
  })

  it('is not loaded for a caller who left while the previous owner was asked', async () => {
    const caller = new AbortController()
    const previous = peer('a', () => {
      caller.abort(new Error('left'))
      return notCached()
    })
    const { group, getter } = scores(after(previous))
    await expect(group.get('Tom', { signal: caller.signal })).rejects.toThrow('left')
    await group.close()
    expect(getter).not.toHaveBeenCalled()
  })

  it.each<[string, (group: Group<string>) => Promise<void>]>([
    ['the first round of a remove', (group) => group.local.remove('scores', ['Tom'], { round: 1 })],
    ['the second round of a remove', (group) => group.local.remove('scores', ['Tom'], { round: 2 })],
    ['the first round of a clear', (group) => group.local.clear('scores', { round: 1 })],
    ['the second round of a clear', (group) => group.local.clear('scores', { round: 2 })],
    ['a set', (group) => group.local.set('scores', 'Tom', encoded('new'))],
  ])('is not taken from a previous owner that was asked before %s', async (what, fence) => {
    let answer: (value: PeerValue) => void = () => {}
    const previous = peer('a', () => new Promise((resolve) => (answer = resolve)))
    const { group, getter } = scores(after(previous))
    const get = group.get('Tom')
    await vi.waitFor(() => expect(previous.get).toHaveBeenCalled())
    await fence(group)
    answer(encoded('old'))
    expect(await get).toBe('Tom loaded here')
    expect(getter).toHaveBeenCalledTimes(1)
    expect(group.stats.handovers).toBe(0)
    expect(group.peek('Tom')).not.toBe('old')
    if (what === 'a set') expect(group.peek('Tom')).toBe('new')
  })

  it.each<[string, (group: Group<string>) => Promise<void>]>([
    ['remove', (group) => group.local.remove('scores', ['Tom'], { round: 1 })],
    ['clear', (group) => group.local.clear('scores', { round: 1 })],
  ])('is not asked for between the two rounds of a %s, nor for a minute after', async (_, firstRound) => {
    let time = 0
    const previous = peer('a', () => encoded('old'))
    const { group } = scores(after(previous), { now: () => time })
    await firstRound(group)
    expect(await group.get('Tom')).toBe('Tom loaded here')
    expect(previous.get).not.toHaveBeenCalled()
    time = 60_000
    await group.local.clear('scores', { round: 2 })
    await group.local.remove('scores', ['Tom'], { round: 1 })
    time = 120_000
    expect(await group.get('Tom')).toBe('old')
  })

  it('is asked for although another key has just been removed', async () => {
    const { group } = scores(after(peer('a', () => encoded('old'))))
    await group.local.remove('scores', ['Jack'], { round: 1 })
    expect(await group.get('Tom')).toBe('old')
  })

  it.each<[string, (group: Group<string>) => Promise<void>]>([
    ['remove', (group) => group.local.remove('scores', ['Tom'], { round: 2 })],
    ['clear', (group) => group.local.clear('scores', { round: 2 })],
  ])('goes with the second round of a %s that its previous owner had missed', async (_, secondRound) => {
    const previous = peer('a', () => encoded('old'))
    const { group } = scores(after(previous))
    expect(await group.get('Tom')).toBe('old')
    await secondRound(group)
    expect(group.peek('Tom')).toBeUndefined()
  })

  it('survives a second round if it was loaded here', async () => {
    const { group } = scores(after(peer('a', notCached)))
    await group.get('Tom')
    await group.local.remove('scores', ['Tom'], { round: 2 })
    await group.local.clear('scores', { round: 2 })
    expect(group.peek('Tom')).toBe('Tom loaded here')
  })
})

describe('what is kept', () => {
  const alone: PeerPicker = { pickPeer: () => undefined }

  it('is no copy of a key that has become this process’s own meanwhile', async () => {
    let owned = false
    const answers: ((value: PeerValue) => void)[] = []
    const owner = peer('a', () => new Promise((resolve) => answers.push(resolve)))
    const { group } = scores({ pickPeer: () => (owned ? undefined : owner) })
    for (let i = 0; i < 2; i++) {
      const get = group.get('Tom')
      owned = i === 1
      answers[i]?.(encoded('a copy'))
      expect(await get).toBe('a copy')
    }
    expect([group.cacheStats('main').items, group.cacheStats('hot').items]).toEqual([0, 0])
  })

  it('is no copy in place of what was loaded here meanwhile, which answers peers as well', async () => {
    const answers: ((value: PeerValue) => void)[] = []
    const owner = peer('a', () => new Promise((resolve) => answers.push(resolve)))
    const { group } = scores({ pickPeer: () => owner })
    for (let i = 0; i < 2; i++) {
      const get = group.get('Tom')
      if (i === 1) await group.local.get('scores', 'Tom')
      answers[i]?.(encoded('a copy'))
      expect(await get).toBe('a copy')
    }
    expect(await group.local.get('scores', 'Tom', { onlyIfCached: true })).toMatchObject(
      encoded('Tom loaded here'),
    )
  })

  it('is a copy in place of what was loaded here, once that is stale', async () => {
    let [time, owned] = [0, true]
    const owner = peer('a', () => encoded('a copy'))
    const { group } = scores(
      { pickPeer: () => (owned ? undefined : owner) },
      { now: () => time, ttlMs: 10, staleIfErrorMs: 1000 },
    )
    await group.get('Tom')
    ;[time, owned] = [10, false]
    for (let i = 0; i < 2; i++) expect(await group.get('Tom')).toBe('a copy')
    expect([group.cacheStats('main').items, group.cacheStats('hot').items]).toEqual([0, 1])
  })

  it('is nothing that has no time left', async () => {
    const { group } = scores({ pickPeer: () => peer('a', () => ({ ...encoded('stale'), ttlMs: 0 })) })
    await group.get('Tom')
    expect(await group.get('Tom')).toBe('stale')
    expect(group.cacheStats('hot').items).toBe(0)
  })

  it('is no copy that comes after close', async () => {
    const answers: ((value: PeerValue) => void)[] = []
    const { group } = scores({
      pickPeer: () => peer('a', () => new Promise((resolve) => answers.push(resolve))),
    })
    const first = group.get('Tom')
    answers[0]?.(encoded('a copy'))
    await first
    const second = group.get('Tom')
    const closed = group.close()
    answers[1]?.(encoded('a copy'))
    expect(await second).toBe('a copy')
    await closed
    expect(group.cacheStats('hot').items).toBe(0)
  })

  it('of an absence lives for its own time only, and makes up for no error', async () => {
    let time = 0
    const answers = [undefined]
    const { group } = scores(alone, {
      now: () => time,
      notFoundTtlMs: 10,
      ttlMs: 10,
      staleIfErrorMs: 1000,
      staleWhileRevalidateMs: 1000,
      getter: () => {
        if (answers.length === 0) throw new Error('no')
        return answers.pop()
      },
    })
    await expect(group.get('Tom')).rejects.toMatchObject({ code: 'not-found' })
    time = 10
    await expect(group.get('Tom')).rejects.toMatchObject({ code: 'load-failed' })
  })

  it('is no absence that was found before the key was set, or that nobody waits for any more', async () => {
    const ends: ((value: string | undefined) => void)[] = []
    const { group } = scores(alone, {
      notFoundTtlMs: 1000,
      getter: () => new Promise((resolve) => ends.push(resolve)),
    })
    const fenced = group.get('Tom')
    await group.set('Tom', 'new')
    ends[0]?.(undefined)
    await expect(fenced).rejects.toMatchObject({ code: 'not-found' })
    expect(group.peek('Tom')).toBe('new')

    const caller = new AbortController()
    const abandoned = group.get('Jack', { signal: caller.signal })
    caller.abort(new Error('left'))
    await expect(abandoned).rejects.toThrow('left')
    const next = group.get('Jack')
    ends[2]?.('new')
    expect(await next).toBe('new')
    ends[1]?.(undefined)
    await new Promise((resolve) => setTimeout(resolve))
    expect(group.peek('Jack')).toBe('new')
  })
})

describe('a stale value', () => {
  const alone: PeerPicker = { pickPeer: () => undefined }

  it('makes up for an error only as long as it may, however long the load took', async () => {
    let time = 0
    const ends: ((error: Error) => void)[] = []
    const answers = ['630']
    const { group } = scores(alone, {
      now: () => time,
      ttlMs: 10,
      staleIfErrorMs: 100,
      getter: () => answers.pop() ?? new Promise((_, reject) => ends.push(reject)),
    })
    await group.get('Tom')
    time = 50
    const get = group.get('Tom')
    time = 110
    ends[0]?.(new Error('no'))
    await expect(get).rejects.toMatchObject({ code: 'load-failed' })
  })

  it('gives an origin that has just failed a second of rest', async () => {
    let time = 0
    const answers = ['630']
    const getter = vi.fn(() => {
      if (answers.length === 0) throw new Error('no')
      return answers.pop()
    })
    const { group } = scores(alone, { now: () => time, ttlMs: 10, staleIfErrorMs: 10_000, getter })
    await group.get('Tom')
    time = 50
    for (let i = 0; i < 3; i++) expect(await group.get('Tom')).toBe('630')
    expect(getter).toHaveBeenCalledTimes(2)
    time = 1050
    expect(await group.get('Tom')).toBe('630')
    expect(getter).toHaveBeenCalledTimes(3)
  })
})
