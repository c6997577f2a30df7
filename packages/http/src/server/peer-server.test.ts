import { GeeCacheError, type PeerAnswer, type PeerGetter } from '@geecache/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { localPeer, newServer } from '../../test/server.ts'
import type { LoopWatch } from '../loop-watch.ts'
import type { Message } from './message.ts'
import type { PeerServer } from './peer-server.ts'
import type { Reply } from './reply.ts'
import type { Soon } from './soon.ts'

const never = new Promise<never>(() => {})

let peers: PeerServer
let watch: LoopWatch
let answers: ((text: string) => void)[]
beforeEach(() => {
  ;({ peers, watch } = newServer({ limits: { maxRequests: 1 } }))
  answers = []
  const get: PeerGetter['get'] = (_group, key, request) =>
    new Promise((resolve, reject) => {
      answers.push((text) => resolve({ bytes: Buffer.from(text) }))
      if (key !== 'deaf') request?.signal?.addEventListener('abort', () => reject(request.signal?.reason))
    })
  // Through as many promises as in a group.
  peers.add(
    'scores',
    localPeer(async (...asked) => await (async () => await get(...asked))()),
  )
})

afterEach(() => void vi.useRealTimers())

function ask(signal: AbortSignal, keys = ['a', 'b']): Message {
  return {
    method: 'POST',
    path: '/_geecache/scores',
    header: (name) => (name === 'content-type' ? 'application/vnd.geecache.ask+json' : undefined),
    body: async () => Buffer.from(JSON.stringify(keys)),
    signal,
    get isGone() {
      return signal.aborted
    },
  }
}

async function statusOfNext(): Promise<number> {
  return (await peers.answer({ ...ask(AbortSignal.abort()), method: 'GET', path: '/_geecache/' })).status
}

function breath(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

describe('PeerServer', () => {
  it('makes room for others when nobody comes for the rest of an answer', async () => {
    const caller = new AbortController()
    const replying = peers.answer(ask(caller.signal))
    await breath()
    answers[0]?.('630')
    const reply = await replying
    expect(reply.rest).toBeDefined()
    expect(await statusOfNext()).toBe(503)
    caller.abort()
    expect(await statusOfNext()).toBe(204)
  })

  it('makes room for others when the caller has left before there was an answer', async () => {
    const caller = new AbortController()
    const replying = peers.answer(ask(caller.signal, ['a', 'deaf']))
    await breath()
    answers[0]?.('630')
    caller.abort()
    await replying
    expect(await statusOfNext()).toBe(204)
  })

  it('makes room once, however a request ends', async () => {
    const caller = new AbortController()
    const replying = peers.answer(ask(caller.signal))
    await breath()
    answers[0]?.('630')
    const { rest } = await replying
    caller.abort()
    await rest?.(() => undefined)
    const other = peers.answer(ask(new AbortController().signal))
    await breath()
    expect(await statusOfNext()).toBe(503)
    for (const answer of answers) answer('630')
    await other
    expect(await statusOfNext()).toBe(204)
  })

  it('loads nothing for callers who have left while this process was away (A11)', async () => {
    vi.spyOn(watch, 'isCatchingUp', 'get').mockReturnValue(true)
    const caller = new AbortController()
    const replying = peers.answer(ask(caller.signal))
    // What the loop finds in its next round: he has hung up.
    setImmediate(() => caller.abort())
    await replying
    expect(answers).toEqual([])
    const patient = peers.answer(ask(new AbortController().signal))
    while (answers.length < 2) await breath()
    for (const answer of answers) answer('630')
    expect((await patient).status).toBe(200)
  })

  it('says of each key that is late that it is, after others have been answered', async () => {
    const patience = new AbortController().signal
    const header = (name: string) => (name === 'geecache-timeout-ms' ? '20' : ask(patience).header(name))
    const replying = peers.answer({ ...ask(patience), header })
    await breath()
    answers[0]?.('630')
    const { rest } = await replying
    const written: Uint8Array[] = []
    await rest?.((chunk) => void written.push(chunk))
    expect(Buffer.concat(written).toString()).toContain('peer-timeout')
  })

  it('gives up the other keys when the time is over, though the first was there as the clock struck', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const now = vi.spyOn(performance, 'now').mockReturnValue(0)
    const patience = new AbortController().signal
    const header = (name: string) => (name === 'geecache-timeout-ms' ? '20' : ask(patience).header(name))
    const replying = peers.answer({ ...ask(patience), header })
    await breath()
    answers[0]?.('630')
    // The loop is late: the clock says that the time is over, and the timer does not yet.
    now.mockReturnValue(21)
    const { rest } = await replying
    const written: Uint8Array[] = []
    const all = rest?.((chunk) => void written.push(chunk))
    vi.advanceTimersByTime(20)
    await all
    expect(Buffer.concat(written).toString()).toContain('peer-timeout')
    expect(await statusOfNext()).toBe(204)
  })

  it('goes on with the rest of an answer, and ends it with the last key', async () => {
    const replying = peers.answer(ask(new AbortController().signal))
    await breath()
    answers[0]?.('630')
    const { body, rest } = await replying
    const written: Uint8Array[] = []
    const all = rest?.((chunk) => void written.push(chunk))
    await breath()
    expect(written).toEqual([])
    answers[1]?.('589')
    await all
    expect(Buffer.concat(body).toString()).toContain('630')
    expect(Buffer.concat(written).toString()).toContain('589')
    expect(await statusOfNext()).toBe(204)
  })

  describe('of what a group has in memory', () => {
    function remember(tell: (answer: PeerAnswer) => void): Soon<Reply> {
      peers.add('prices', { ...localPeer(() => never), ask: (_group, _key, answer) => tell(answer) })
      return peers.answer({
        ...ask(new AbortController().signal),
        method: 'GET',
        path: '/_geecache/prices/milk',
      })
    }

    it('answers at once, and has room for the next', async () => {
      expect(remember((answer) => answer.succeed({ bytes: Buffer.from('2') }))).toMatchObject({ status: 200 })
      expect(await statusOfNext()).toBe(204)
    })

    it('refuses at once, and has room for the next', async () => {
      const refused = remember((answer) => answer.fail(new GeeCacheError('load-failed', 'no cows')))
      expect(refused).toMatchObject({ status: 500, body: [Buffer.from('no cows')] })
      expect(await statusOfNext()).toBe(204)
    })

    it('refuses with whatever message somebody gave an error', () => {
      const error = Object.assign(new GeeCacheError('load-failed', ''), { message: 404 })
      expect(remember((answer) => answer.fail(error))).toMatchObject({ body: [Buffer.from('404')] })
    })
  })
})
