import { Group, isGeeCacheError } from '@geecache/core'
import { linkTo } from '../lab/caller.ts'
import type { LabCase } from '../lab/case.ts'
import { serve } from '../lab/serve.ts'

const cycle: Record<string, unknown> = {}
cycle.self = cycle

/** What a getter may do wrong, and what its callers are told; undefined: they get the value. */
const wrongs: readonly (readonly [what: string, getter: () => unknown, code: string | undefined])[] = [
  ['throws', () => fail(new Error('no such table')), 'load-failed'],
  ['rejects', async () => fail(new Error('no such table')), 'load-failed'],
  ['throws a string', () => fail('no such table'), 'load-failed'],
  ['throws undefined', () => fail(undefined), 'load-failed'],
  ['throws null', () => fail(null), 'load-failed'],
  ['throws an AbortError', () => fail(new DOMException('aborted', 'AbortError')), 'load-failed'],
  ['throws an object without a prototype', () => fail(Object.create(null)), 'load-failed'],
  ['returns undefined', () => undefined, 'not-found'],
  ['returns a promise of undefined', async () => undefined, 'not-found'],
  ['returns a function', () => () => 1, 'codec-failed'],
  ['returns a symbol', () => Symbol('x'), 'codec-failed'],
  ['returns a cycle', () => cycle, 'codec-failed'],
  ['returns a BigInt', () => 1n, 'codec-failed'],
  ['returns what throws when it is encoded', () => ({ toJSON: () => fail(new Error('no')) }), 'codec-failed'],
  ['returns a thenable that throws', () => thenable(), 'load-failed'],
  ['returns NaN, which JSON has as null', () => Number.NaN, undefined],
]

/** Getters that do what they should not. */
export const c1: LabCase = {
  id: 'C1',
  title: 'A getter throws, rejects, or returns what is no value',
  does: 'For each way in which a getter can go wrong, ten callers in its process and ten in another wait for one key: all of them are told the same, with the same code; nothing is kept, and the next get calls the getter again.',
  metric: 'callers that were told anything else',
  bound: { atMost: 0 },
  runs: 5,
  shortRuns: 1,
  async run(lab) {
    let calls = 0
    let getter: () => unknown = () => undefined
    const options = { name: 'values', maxBytes: 2 ** 20 }
    const owner = new Group<unknown>({
      ...options,
      getter: () => {
        calls++
        return getter() as undefined
      },
    })
    const caller = new Group<unknown>({ ...options, getter: () => 'from here' })
    const { url } = lab.use(await serve(owner))
    const { nextKey } = lab.use(linkTo(url, caller, { timeoutMs: 10_000 }))
    const tell = (get: Promise<unknown>) =>
      get.then(
        () => undefined,
        (error) => (isGeeCacheError(error) ? error.code : String(error)),
      )
    let others = 0
    for (const [what, does, code] of wrongs) {
      getter = does
      calls = 0
      const key = nextKey()
      const told = await Promise.all(
        Array.from({ length: 20 }, (_, i) => tell((i < 10 ? owner : caller).get(key))),
      )
      const wrong = told.filter((one) => one !== code)
      others += wrong.length
      lab.hold(wrong.length === 0, `a getter that ${what}: a caller was told ${wrong[0]}`)
      // Those in its own process may all be answered before the others' request has come.
      lab.hold(calls <= 2, `a getter that ${what} was called ${calls} times`)
      if (code === undefined) continue
      getter = () => `${what}, and then it does not`
      const [own, asked] = await Promise.all([owner.get(key), caller.get(key)])
      lab.hold(own === getter() && asked === getter(), `a getter that ${what}: the next get was ${own}`)
    }
    const signal = AbortSignal.abort(new Error('left before'))
    calls = 0
    if ((await tell(owner.get('never', { signal }))) !== 'Error: left before') others++
    lab.hold(calls === 0, 'a getter was called for a caller who had left before')
    lab.note('ways to go wrong', wrongs.length)
    return others
  },
}

function fail(error: unknown): never {
  throw error
}

function thenable(): unknown {
  // biome-ignore lint/suspicious/noThenProperty: that is what goes wrong.
  return { then: () => fail(new Error('no')) }
}
