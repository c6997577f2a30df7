import { Group, type GroupOptions, isGeeCacheError, text } from '@geecache/core'
import { linkTo } from '../lab/caller.ts'
import type { Lab, LabCase } from '../lab/case.ts'
import { serve } from '../lab/serve.ts'

const hour = 3_600_000
const lives = [
  0,
  0.5,
  1,
  999,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  Number.MAX_VALUE,
  Number.POSITIVE_INFINITY,
]
const noLives = [-1, -0.001, Number.NaN, Number.NEGATIVE_INFINITY, '1000', null, {}, 1n]

/** Clocks that jump, and lives of every length. */
export const d8: LabCase = {
  id: 'D8',
  title: 'The wall clock jumps, and values live for no time, for ever, or for less than none',
  does: 'The wall clock jumps by an hour, forth and back: no value expires early or lives on. Values are given every length of life, from 0 to Infinity, and what is no length at all: each is kept exactly so long, or refused. What another process keeps of them lives no longer than what is left. None of it takes a timer.',
  metric: 'values that were seen too long, or not long enough',
  bound: { atMost: 0 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    let wrong = 0
    const expect = (holds: boolean, what: string) => {
      if (holds) return
      wrong++
      lab.hold(false, what)
    }
    await jumps(lab, expect)
    await lengths(expect)
    await remaining(lab, expect)
    return wrong
  },
}

type Expect = (holds: boolean, what: string) => void

function groupAt(clock: { now: number }, rest: Partial<GroupOptions<string>> = {}): Group<string> {
  let loads = 0
  return new Group<string>({
    name: 'values',
    maxBytes: 64 * 2 ** 20,
    codec: text(),
    now: () => clock.now,
    getter: () => `load ${++loads}`,
    ...rest,
  })
}

/** The clock on the wall is not the one that lives are counted on. */
async function jumps(lab: Lab, expect: Expect): Promise<void> {
  const before = timers()
  const group = new Group<string>({
    name: 'values',
    maxBytes: 64 * 2 ** 20,
    codec: text(),
    ttlMs: hour / 2,
    getter: (key) => key,
  })
  const keys = Array.from({ length: lab.short ? 1000 : 10_000 }, (_, i) => `key-${i}`)
  const realNow = Date.now
  try {
    for (const jump of [0, hour, -hour, 2 * hour]) {
      Date.now = () => realNow() + jump
      await group.getMany(keys)
      for (const key of keys) expect(group.peek(key) === key, `after a jump of ${jump} ms ${key} was gone`)
      expect(group.stats.localLoads === keys.length, `after a jump of ${jump} ms values were loaded again`)
    }
  } finally {
    Date.now = realNow
  }
  expect(timers() - before <= 1, `${timers() - before} timers for ${keys.length} values`)
  await group.close()
}

/** Values are kept exactly as long as they live. */
async function lengths(expect: Expect): Promise<void> {
  for (const ttlMs of lives) {
    const clock = { now: 1000 }
    const group = groupAt(clock, { ttlMs })
    await group.get('key')
    if (ttlMs > 0) expect(group.peek('key') === 'load 1', `of ${ttlMs} ms, a value was gone at once`)
    else expect(group.peek('key') === undefined, 'a value with no time to live was kept')
    for (const part of [0.25, 0.999]) {
      clock.now = 1000 + part * Math.min(ttlMs, 2 ** 50)
      const isThere = group.peek('key') !== undefined
      if (ttlMs > 0) expect(isThere, `of ${ttlMs} ms, a value was gone after ${part} of them`)
    }
    clock.now = 1000 + ttlMs
    const isThere = group.peek('key') !== undefined
    expect(
      isThere === (ttlMs === Number.POSITIVE_INFINITY),
      `of ${ttlMs} ms, a value was there after them: ${isThere}`,
    )
    await group.close()
  }
  for (const ttlMs of noLives) {
    const isRefused = (work: () => unknown) =>
      Promise.resolve()
        .then(work)
        .then(
          () => false,
          (error) => isGeeCacheError(error),
        )
    const clock = { now: 0 }
    const assigned = groupAt(clock, {
      getter: (_, context) => {
        context.ttlMs = ttlMs as number
        return 'x'
      },
    })
    expect(
      await isRefused(() => groupAt(clock, { ttlMs: ttlMs as number })),
      `ttlMs: ${String(ttlMs)} was taken`,
    )
    const set = () => assigned.set('key', 'x', { ttlMs: ttlMs as number })
    expect(await isRefused(set), `set took a ttlMs of ${String(ttlMs)}`)
    expect(await isRefused(() => assigned.get('key')), `a getter’s ttlMs of ${String(ttlMs)} was taken`)
  }
}

/** Who fetches a value late has it for what is left of its life. */
async function remaining(lab: Lab, expect: Expect): Promise<void> {
  const theirs = { now: 5_000_000 }
  const ours = { now: 100 }
  const owner = groupAt(theirs, { ttlMs: 5000 })
  const caller = groupAt(ours, { getter: () => 'from here' })
  const { url } = lab.use(await serve(owner))
  const { nextKey } = lab.use(linkTo(url, caller, { timeoutMs: 10_000, handover: false }))
  for (let round = 0; round < 50; round++) {
    const key = nextKey()
    const value = await owner.get(key)
    const age = Math.floor(5000 * lab.random())
    theirs.now += age
    // Twice, so that a copy is kept.
    for (let i = 0; i < 3; i++) expect((await caller.get(key)) === value, 'a value was loaded again')
    ours.now += 4999 - age - 1
    expect(age > 4990 || caller.peek(key) === value, `a copy was gone before its ${5000 - age} ms were over`)
    ours.now += 3
    expect(caller.peek(key) === undefined, `a copy outlived the ${5000 - age} ms that were left`)
  }
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
}
