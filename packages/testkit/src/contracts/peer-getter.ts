import { Group, isGeeCacheError, type PeerGetter, text } from '@geecache/core'
import { afterEach, describe, expect, it } from 'vitest'

/** A peer under test: what asks it, and the group that answers behind it. */
export interface OpenedPeer {
  readonly peer: PeerGetter
  close(): Promise<void>
}

const strangeKeys: readonly string[] = [
  '.',
  '..',
  '../..',
  '/',
  'a/b',
  '//',
  '%',
  '%2F',
  '%2e%2e',
  'a b',
  'a+b',
  '?x=1&y#z',
  'a,b;c\\d',
  '"',
  'é',
  'e\u0301',
  '\u{1f600}',
  '\0',
  '\r\nx-injected: 1',
  '\ufeffbom',
  '__proto__',
  'constructor',
  'x'.repeat(1024),
]

/**
 * What every PeerGetter must do, whatever carries its requests. `open` makes one in front of `group`; it is called
 * anew for each test.
 */
export function peerGetterContract(name: string, open: (group: Group<string>) => Promise<OpenedPeer>): void {
  describe(`${name}, as a PeerGetter`, () => {
    let opened: OpenedPeer | undefined
    let loads: string[] = []
    const signals: AbortSignal[] = []
    let release: () => void = () => {}

    async function start(
      options: { ttlMs?: number; loadTimeoutMs?: number } = {},
    ): Promise<Required<PeerGetter>> {
      loads = []
      const held = new Promise<void>((resolve) => {
        release = resolve
      })
      const group = new Group<string>({
        name: 'scores',
        maxBytes: 2 ** 20,
        codec: text(),
        ...options,
        async getter(key, { signal }) {
          loads.push(key)
          signals.push(signal)
          if (key === 'absent') return undefined
          if (key === 'fails') throw new Error('no such table')
          if (key === 'slow') await held
          return `${key}, load ${loads.length}`
        },
      })
      opened = await open(group)
      return opened.peer as Required<PeerGetter>
    }

    afterEach(async () => {
      release()
      await opened?.close()
    })

    it('tells who asks the same as it promises, once, if it can be asked so', async () => {
      const peer: PeerGetter = await start()
      if (peer.ask === undefined) return
      const told: unknown[] = []
      const asking = (group: string, key: string, signal?: AbortSignal) =>
        new Promise<unknown>((resolve) => {
          const tell = (outcome: unknown) => {
            told.push(outcome)
            resolve(outcome)
          }
          peer.ask?.(group, key, { succeed: tell, fail: tell }, signal && { signal })
        })
      const text = new TextDecoder().decode(((await asking('scores', 'Tom')) as { bytes: Uint8Array }).bytes)
      expect(text).toBe('Tom, load 1')
      const refusals = [
        ['scores', 'absent', 'not-found'],
        ['scores', 'fails', 'load-failed'],
        ['scores', '\ud800', 'invalid-key'],
      ] as const
      for (const [group, key, code] of refusals) {
        expect(await asking(group, key), key).toMatchObject({ code })
      }
      const caller = new AbortController()
      const leaving = asking('scores', 'slow', caller.signal)
      caller.abort(new Error('left'))
      expect(await leaving).toMatchObject({ message: 'left' })
      expect(told.length).toBe(5)
    })

    const read = async (peer: PeerGetter, key: string) => text().decode((await peer.get('scores', key)).bytes)
    const failure = (work: Promise<unknown>) =>
      work.then(
        () => undefined,
        (error) => error,
      )

    it('answers with the value, loaded once', async () => {
      const peer = await start()
      expect(await Promise.all([read(peer, 'Tom'), read(peer, 'Tom')])).toEqual([
        'Tom, load 1',
        'Tom, load 1',
      ])
      expect(await read(peer, 'Tom')).toBe('Tom, load 1')
      expect(loads).toEqual(['Tom'])
    })

    it('keeps every key to the last byte', async () => {
      const peer = await start()
      for (const [i, key] of strangeKeys.entries())
        expect(await read(peer, key)).toBe(`${key}, load ${i + 1}`)
      expect(loads).toEqual(strangeKeys)
    })

    it('tells the time left, and says nothing of it where there is no end', async () => {
      const peer = await start({ ttlMs: 60_000 })
      const { ttlMs } = await peer.get('scores', 'Tom')
      expect(ttlMs).toBeGreaterThan(0)
      expect(ttlMs).toBeLessThanOrEqual(60_000)
      await opened?.close()
      expect((await (await start()).get('scores', 'Tom')).ttlMs).toBe(undefined)
    })

    it.each([
      ['absent', 'not-found'],
      ['fails', 'load-failed'],
    ])('passes on what the origin says of key %s: %s', async (key, code) => {
      const error = await failure((await start()).get('scores', key))
      expect(isGeeCacheError(error, code as 'not-found')).toBe(true)
    })

    it('passes on that a load took too long', async () => {
      const peer = await start({ loadTimeoutMs: 1 })
      expect(isGeeCacheError(await failure(peer.get('scores', 'slow')), 'load-timeout')).toBe(true)
    })

    it('takes nothing for the origin’s word that it did not say', async () => {
      const final = ['not-found', 'load-failed', 'load-timeout', 'codec-failed']
      const peer = await start()
      for (const refused of [peer.get('another', 'Tom'), peer.get('scores', 'x'.repeat(2000))]) {
        const error = await failure(refused)
        expect(error).toBeInstanceOf(Error)
        expect(final).not.toContain(error.code)
      }
      expect(loads).toEqual([])
    })

    it('lets its caller leave, with the reason, and the load stop when nobody waits', async () => {
      const peer = await start()
      const leave = new AbortController()
      const left = failure(peer.get('scores', 'slow', { signal: leave.signal }))
      while (loads.length === 0) await new Promise((resolve) => setImmediate(resolve))
      const [signal] = signals.slice(-1)
      const aborted = new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()))
      leave.abort('enough')
      expect(await left).toBe('enough')
      await aborted
    })

    it('refuses a caller who has left already', async () => {
      const peer = await start()
      expect(await failure(peer.get('scores', 'Tom', { signal: AbortSignal.abort('gone') }))).toBe('gone')
    })

    it('takes a value, and gives it back', async () => {
      const peer = await start()
      await read(peer, 'Tom')
      await peer.set('scores', 'Tom', { bytes: new TextEncoder().encode('630'), ttlMs: 60_000 })
      const { bytes, ttlMs } = await peer.get('scores', 'Tom')
      expect(text().decode(bytes)).toBe('630')
      expect(ttlMs).toBeLessThanOrEqual(60_000)
      expect(loads).toEqual(['Tom'])
    })

    it('drops the keys it is told, and only these', async () => {
      const peer = await start()
      for (const key of ['Tom', 'Jack', '..', '\0']) await read(peer, key)
      await peer.remove('scores', ['Tom', '..', '\0', 'nobody'], { round: 1 })
      expect(await read(peer, 'Tom')).toBe('Tom, load 5')
      expect(await read(peer, 'Jack')).toBe('Jack, load 2')
      expect(await read(peer, '..')).toBe('.., load 6')
      await peer.remove('scores', ['Tom'], { round: 2 })
      expect(await read(peer, 'Tom')).toBe('Tom, load 5')
    })

    it('drops everything', async () => {
      const peer = await start()
      for (const key of ['Tom', 'Jack']) await read(peer, key)
      await peer.clear('scores', { round: 1 })
      expect([await read(peer, 'Tom'), await read(peer, 'Jack')]).toEqual(['Tom, load 3', 'Jack, load 4'])
    })

    it('does not keep what was loading when the key was dropped', async () => {
      const peer = await start()
      const before = read(peer, 'slow')
      while (loads.length === 0) await new Promise((resolve) => setImmediate(resolve))
      await peer.remove('scores', ['slow'], { round: 1 })
      release()
      expect(await before).toBe('slow, load 1')
      expect(await read(peer, 'slow')).toBe('slow, load 2')
    })
  })
}
