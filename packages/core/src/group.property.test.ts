import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { text } from './codec.ts'
import { isGeeCacheError, NotFoundError } from './errors.ts'
import { Group } from './group.ts'
import { MemoryNetwork } from './testing/memory-network.ts'

// A few thousand in CI; `SCHEDULES=100000` for a night. A failure prints its seed and path: `SEED=… SCHEDULE_PATH=…` runs
// that schedule alone, event by event as it was, for nothing else here is left to chance.
const { env } = (globalThis as unknown as { process: { env: Record<string, string | undefined> } }).process
const schedules = Number(env.SCHEDULES ?? 2000)
const again =
  env.SEED === undefined
    ? {}
    : {
        seed: Number(env.SEED),
        ...(env.SCHEDULE_PATH === undefined ? {} : { path: env.SCHEDULE_PATH, endOnFailure: true }),
      }
const timeout = Math.max(60_000, 600 * schedules)
const keys = ['Tom', 'Jack']
// Every so many versions a key has no value.
const absentEvery = 5
const peerTimeoutMs = 30
// How many other events a message that is late lets pass, if there are so many.
const lateBy = 5

/** What happens at some moment, at one of the peers. */
type Step = { readonly at: number; readonly key: string } & (
  | { readonly what: 'get' | 'getMany' | 'set' | 'remove' | 'clear' | 'join' | 'leave' }
  | { readonly what: 'getAndLeave' }
  | { readonly what: 'turn'; readonly viewer: number; readonly owner: number }
  | { readonly what: 'wait'; readonly ms: number }
)

/** How the groups of a world are made. */
interface Settings {
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
  readonly notFoundTtlMs: number
  readonly softTimeoutMs: number | undefined
  readonly loadTimeoutMs: number | undefined
  readonly isBatched: boolean
}

/**
 * Peers whose rings say anything at all and change at any time, on a network that delays and loses what it likes. The
 * origin counts versions, and every load brings the version from when it began, however late it comes home.
 */
interface World {
  /** How many peers there are at first. */
  readonly size: number
  /** For each peer that may ever be and each key, which peer its ring names. */
  readonly rings: readonly (readonly number[])[]
  /** Likewise, which peer it takes for the owner before, who may hand the key over. */
  readonly previous: readonly (readonly number[])[]
  readonly steps: readonly Step[]
  /** Which messages are lost, which arrive after their sender has given up, and which loads fail, by their numbers. */
  readonly lost: ReadonlySet<number>
  readonly late: ReadonlySet<number>
  readonly failing: ReadonlySet<number>
  readonly settings: Settings
}

const plain: Settings = {
  staleWhileRevalidateMs: 0,
  staleIfErrorMs: 0,
  notFoundTtlMs: 0,
  softTimeoutMs: undefined,
  loadTimeoutMs: undefined,
  isBatched: false,
}

const anySettings: fc.Arbitrary<Settings> = fc.oneof(
  fc.constant(plain),
  fc.record({
    staleWhileRevalidateMs: fc.constantFrom(0, 500),
    staleIfErrorMs: fc.constantFrom(0, 500),
    notFoundTtlMs: fc.constantFrom(0, 200),
    softTimeoutMs: fc.constantFrom(undefined, 20),
    loadTimeoutMs: fc.constantFrom(undefined, 50),
    isBatched: fc.boolean(),
  }),
)

const numbers = (most: number) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(new Set<number>()) },
    { weight: 1, arbitrary: fc.array(fc.nat(most), { maxLength: 10 }).map((list) => new Set(list)) },
  )

const anyWorlds: fc.Arbitrary<World> = fc.integer({ min: 2, max: 4 }).chain((size) => {
  const most = size + 2
  const peer = fc.nat(most - 1)
  const place = { at: fc.oneof(fc.nat(size - 1), peer), key: fc.constantFrom('Tom', 'Tom', 'Tom', 'Jack') }
  const of = <T extends Step['what']>(...what: T[]) =>
    fc.record({ ...place, what: fc.constantFrom(...what) }) as fc.Arbitrary<Step>
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 20, arbitrary: of('get') },
    { weight: 10, arbitrary: of('remove', 'set') },
    { weight: 4, arbitrary: of('getMany', 'clear') },
    { weight: 2, arbitrary: of('getAndLeave') },
    { weight: 1, arbitrary: of('join', 'leave') },
    {
      weight: 2,
      arbitrary: fc.record({ ...place, what: fc.constant('turn' as const), viewer: peer, owner: peer }),
    },
    { weight: 2, arbitrary: fc.record({ ...place, what: fc.constant('wait' as const), ms: fc.nat(100) }) },
    { weight: 1, arbitrary: fc.record({ ...place, what: fc.constant('wait' as const), ms: fc.nat(1500) }) },
  )
  const named = fc.oneof({ weight: 4, arbitrary: fc.nat(size - 1) }, { weight: 1, arbitrary: peer })
  const ring = fc.array(named, { minLength: keys.length, maxLength: keys.length })
  return fc.record({
    size: fc.constant(size),
    rings: fc.array(ring, { minLength: most, maxLength: most }),
    previous: fc.array(ring, { minLength: most, maxLength: most }),
    steps: fc.array(step, { minLength: 5, maxLength: 30 }),
    lost: numbers(60),
    late: numbers(40),
    failing: numbers(20),
    settings: anySettings,
  })
})

/** The same world with nothing in it but one removal and many gets around it: what goes wrong there needs many hands. */
function calmed(world: World): World {
  const steps = world.steps.map(
    ({ at }, i): Step => ({ what: i === 0 ? 'remove' : 'get', key: 'Tom', at: at % world.size }),
  )
  return { ...world, steps, lost: new Set(), late: new Set(), failing: new Set(), settings: plain }
}

const worlds: fc.Arbitrary<World> = fc.oneof(
  { weight: 3, arbitrary: anyWorlds },
  { weight: 1, arbitrary: anyWorlds.map(calmed) },
)

/** A remove, set or clear, from its start to its end in the order of events; endless while it runs. */
interface Change {
  readonly what: 'set' | 'remove' | 'clear'
  readonly keys: readonly string[]
  /** The version of each key from when it began. */
  readonly versions: ReadonlyMap<string, number>
  readonly begin: number
  end: number
  /** Whether everybody was told, so that nothing older may be seen after its end. */
  isComplete: boolean
}

/** One run of a world, and the judge of what is seen in it. */
class Run {
  readonly #scheduler: fc.Scheduler
  readonly #world: World
  readonly #network: MemoryNetwork
  readonly #groups = new Map<number, Group<string>>()
  readonly #rings: number[][]
  readonly #versions = new Map(keys.map((key) => [key, 1]))
  readonly #changes: Change[] = []
  readonly loads: string[] = []
  /** Whether messages and loads take no time, and nothing fails. */
  #quiet = true
  #events = 0
  #messages = 0
  #time = 0

  constructor(scheduler: fc.Scheduler, world: World) {
    this.#scheduler = scheduler
    this.#world = world
    this.#rings = world.rings.map((ring) => [...ring])
    const named = (ring: readonly number[] | undefined, key: string) => `${ring?.[keys.indexOf(key)]}`
    this.#network = new MemoryNetwork({
      ownerOf: (key, viewer) => named(this.#rings[Number(viewer)], key),
      previousOwnerOf: (key, viewer) => named(world.previous[Number(viewer)], key),
      timeoutMs: world.late.size > 0 ? peerTimeoutMs : undefined,
      carry: async ({ from, to, call, leg }) => {
        if (this.#quiet) return
        const number = this.#messages++
        const label = `${call} ${leg} ${from} -> ${to}`
        if (world.late.has(number)) {
          this.#pass(peerTimeoutMs)
          for (let i = 0; i < lateBy; i++) await scheduler.schedule(Promise.resolve(), `not yet: ${label}`)
        }
        await scheduler.schedule(Promise.resolve(), label)
        if (world.lost.has(number)) throw new Error('lost')
      },
    })
    for (let self = 0; self < world.size; self++) this.#join(self)
  }

  /** `isCold`: nothing is in memory at first. */
  async play(steps: readonly Step[], isCold: boolean): Promise<void> {
    // A run that failed has left some behind, which must not fail the next ones while a smaller one is looked for.
    vi.clearAllTimers()
    await this.#makeHot(isCold)
    const played = Promise.all(
      steps.map(async (step, i) => {
        await this.#scheduler.schedule(Promise.resolve(), `${i}: ${step.what} ${step.key} at ${step.at}`)
        await this.#play(step)
      }),
    )
    await this.#scheduler.waitFor(played)
    await played
    this.#quiet = true
    while (this.#scheduler.count() > 0) await this.#scheduler.waitOne()
    // What is seen from now on stays.
    for (const [at, group] of this.#groups) {
      for (const key of keys) await this.#see({ at, key }, group, group.get(key))
    }
    for (const group of this.#groups.values()) {
      const { bytes: main } = group.cacheStats('main')
      expect(main + group.cacheStats('hot').bytes).toBeLessThanOrEqual(2 ** 20)
    }
    // No time passes any more. So nothing is in flight that anybody waits for, or this would wait for ever.
    await Promise.all([...this.#groups.values()].map((group) => group.close()))
    expect(vi.getTimerCount()).toBe(0)
  }

  #join(self: number): void {
    const { isBatched, ...settings } = this.#world.settings
    const getter = (key: string) => this.#load(self, key)
    const group = new Group<string>({
      name: 'scores',
      maxBytes: 2 ** 20,
      codec: text(),
      ttlMs: 1000,
      hot: { ttlMs: 500 },
      now: () => this.#time,
      getter,
      batchGetter: isBatched
        ? async (asked) =>
            (await Promise.allSettled(asked.map(getter))).map((result) =>
              result.status === 'fulfilled' ? result.value : (result.reason as Error),
            )
        : undefined,
      ...settings,
    })
    this.#network.join(`${self}`, group)
    this.#groups.set(self, group)
  }

  async #load(self: number, key: string): Promise<string> {
    const version = this.#versions.get(key) as number
    const value = `${key} ${version}`
    const number = this.loads.push(`${self} ${value}`)
    if (!this.#quiet) await this.#scheduler.schedule(Promise.resolve(), `${self} loads ${value}`)
    if (!this.#quiet && this.#world.failing.has(number)) throw new Error('the origin is down')
    if (version % absentEvery === 0) throw new NotFoundError(value)
    return value
  }

  /** Has every peer fetch every key twice, and forget the copies: from now on each fetch leaves one. */
  async #makeHot(isCold: boolean): Promise<void> {
    for (let round = 0; round < 3; round++) {
      for (const group of this.#groups.values()) {
        await group.getMany(keys)
        await (isCold ? group.clear() : group.local.clear('scores', { round: 2 }))
      }
    }
    this.loads.length = 0
    this.#quiet = false
  }

  async #play(step: Step): Promise<void> {
    if (step.what === 'turn') {
      ;(this.#rings[step.viewer] as number[])[keys.indexOf(step.key)] = step.owner
      return
    }
    if (step.what === 'wait') return this.#pass(step.ms)
    const group = this.#groups.get(step.at)
    if (group === undefined) {
      if (step.what === 'join') this.#join(step.at)
      return
    }
    switch (step.what) {
      case 'leave':
        // What a peer has that has left is not told of anything any more, so it is not asked for it either.
        if (this.#groups.size === 1) return
        this.#network.leave(`${step.at}`)
        this.#groups.delete(step.at)
        return group.close()
      case 'get':
        return this.#see(step, group, group.get(step.key))
      case 'getAndLeave': {
        const caller = new AbortController()
        const seen = this.#see(step, group, group.get(step.key, { signal: caller.signal }))
        await this.#scheduler.schedule(Promise.resolve(), `the caller at ${step.at} leaves`)
        caller.abort(new Error('left'))
        return seen
      }
      case 'getMany': {
        const results = group.getMany(keys)
        const one = async (i: number) => {
          const result = (await results)[i] as PromiseSettledResult<string>
          if (result.status === 'rejected') throw result.reason
          return result.value
        }
        await Promise.all(keys.map((key, i) => this.#see({ at: step.at, key }, group, one(i))))
        return
      }
      case 'set':
        return this.#change('set', [step.key], (version) => group.set(step.key, `${step.key} ${version}`))
      case 'remove':
        return this.#change('remove', [step.key], () => group.remove(step.key))
      case 'clear':
        return this.#change('clear', keys, () => group.clear())
    }
  }

  #pass(ms: number): void {
    this.#time += ms
    vi.advanceTimersByTime(ms)
  }

  /** Judges what a get comes to that begins now. */
  async #see({ at, key }: Pick<Step, 'at' | 'key'>, group: Group<string>, get: Promise<string>) {
    // Another may have joined in its place.
    const isPeer = () => this.#groups.get(at) === group
    const begin = this.#events++
    let seen: string
    try {
      seen = await get
    } catch (error) {
      if (isGeeCacheError(error, 'not-found')) seen = error.message
      else if (isExpected(error, isPeer())) return
      else throw error
    }
    if (isPeer()) this.#judge(key, begin, seen)
  }

  /** The origin changes first, then the cache is told. */
  async #change(what: Change['what'], changed: readonly string[], tell: (version: number) => Promise<void>) {
    for (const key of changed) this.#versions.set(key, (this.#versions.get(key) as number) + 1)
    const change: Change = {
      what,
      keys: changed,
      versions: new Map(this.#versions),
      begin: this.#events++,
      end: Number.POSITIVE_INFINITY,
      isComplete: false,
    }
    this.#changes.push(change)
    try {
      await tell(this.#versions.get(changed[0] as string) as number)
      change.isComplete = true
    } catch (error) {
      // Nothing is promised of it then, but that the caller is told, and that it does not undo what comes later.
      if (!isGeeCacheError(error, 'remove-incomplete') && !isGeeCacheError(error, 'closed')) throw error
    }
    change.end = this.#events++
  }

  /** A get that began after a change had ended must see its version, or a later one. */
  #judge(key: string, begin: number, value: string): void {
    const seen = Number(value.slice(key.length + 1))
    const writer = this.#changes.find(
      (change) => change.keys.includes(key) && change.versions.get(key) === seen,
    )
    for (const change of this.#changes) {
      if (!change.isComplete || !change.keys.includes(key)) continue
      if (change.end >= begin || seen >= (change.versions.get(key) as number)) continue
      // Of two changes at a time, either may be the last one to reach the owner.
      if (writer?.what === 'set' && writer.end > change.begin) continue
      expect.fail(`a get saw ${value} after ${change.what} had made it ${change.versions.get(key)}`)
    }
  }
}

/** Whether a get may end so: the origin failed or was late, its caller left, or its process did. */
function isExpected(error: unknown, isPeer: boolean): boolean {
  if (isGeeCacheError(error, 'load-failed') || isGeeCacheError(error, 'load-timeout')) return true
  if (isGeeCacheError(error, 'closed')) return !isPeer
  return error instanceof Error && error.message === 'left'
}

describe('a cluster', () => {
  beforeAll(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
  })
  afterAll(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  it('answers every get, and never with a value older than a remove, set or clear that had ended', {
    timeout,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), worlds, fc.boolean(), (scheduler, world, isCold) =>
        new Run(scheduler, world).play(world.steps, isCold),
      ),
      { numRuns: schedules, ...again },
    )
  })

  it('loads a key once for each peer at most, whatever the rings say, when nothing is changed', {
    timeout,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), worlds, async (scheduler, world) => {
        const run = new Run(scheduler, { ...world, failing: new Set(), settings: plain })
        await run.play(
          world.steps.filter(({ what }) => what === 'get' || what === 'getMany'),
          true,
        )
        expect(new Set(run.loads).size).toBe(run.loads.length)
      }),
      { numRuns: schedules / 10 },
    )
  })
})
