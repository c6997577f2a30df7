import { Group, isGeeCacheError, text } from '@geecache/core'
import type { LabCase } from '../lab/case.ts'
import { type Served, serve } from '../lab/serve.ts'

const loadTimeoutMs = 300

/** Getters that wait for themselves. */
export const c10: LabCase = {
  id: 'C10',
  title: 'A getter asks for its own key',
  does: 'A getter gets the key that it is called for; two getters get each other’s keys, in one process, and in two that own one of them each. They wait for themselves, which nothing can mend; the loadTimeoutMs (300) ends it with an error that says so, and nothing is left behind.',
  metric: 'ms until the last caller was told',
  bound: { atMost: 5000 },
  runs: 10,
  shortRuns: 1,
  async run(lab) {
    let slowest = 0
    const ask = async (group: Group<string>, key: string) => {
      const began = performance.now()
      const code = await group.get(key, { signal: AbortSignal.timeout(10_000) }).then(
        (value) => `value ${value}`,
        (error) => (isGeeCacheError(error) ? error.code : String(error)),
      )
      slowest = Math.max(slowest, performance.now() - began)
      // Of two that wait for each other, the one whose time is over first fails the other.
      lab.hold(code === 'load-timeout' || code === 'load-failed', `${key} was answered with ${code}`)
    }
    const next: Record<string, string> = { self: 'self', one: 'other', other: 'one' }
    const alone = waiting((key) => next[key] as string)
    lab.use(alone)
    await ask(alone, 'self')
    await Promise.all([ask(alone, 'one'), ask(alone, 'other')])

    const away: string[] = []
    const left = waiting(() => away[1] as string)
    const right = waiting(() => away[0] as string)
    const peers = [lab.use(await serve(left)), lab.use(await serve(right))] as const
    const urls = peers.map(({ url }) => url)
    for (const { pool } of peers) pool.set(...urls)
    away.push(...peers.map(keyOf))
    await Promise.all([ask(left, away[0] as string), ask(right, away[1] as string)])
    return slowest
  },
}

/** A group whose getter gets another key of it first. */
function waiting(whatFor: (key: string) => string): Group<string> {
  const group: Group<string> = new Group<string>({
    name: 'values',
    maxBytes: 2 ** 20,
    codec: text(),
    loadTimeoutMs,
    getter: (key) => group.get(whatFor(key)),
  })
  return group
}

function keyOf({ pool }: Served): string {
  for (let i = 0; ; i++) if (pool.owns(`key-${i}`)) return `key-${i}`
}
