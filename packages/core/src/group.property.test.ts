import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { text } from './codec.ts'
import { isGeeCacheError } from './errors.ts'
import { Group } from './group.ts'
import { MemoryNetwork } from './testing/memory-network.ts'

// A few thousand in CI; `SCHEDULES=100000` for a night.
const { env } = (globalThis as unknown as { process: { env: Record<string, string | undefined> } }).process
const schedules = Number(env.SCHEDULES ?? 2000)
const timeout = Math.max(60_000, 60 * schedules)
const keys = ['Tom', 'Jack']

/** What happens at some moment, at one of the peers. */
type Step = { readonly at: number; readonly key: string } & (
  | { readonly what: 'get' | 'getMany' | 'set' | 'remove' | 'clear' }
  | { readonly what: 'turn'; readonly viewer: number; readonly owner: number }
  | { readonly what: 'wait'; readonly ms: number }
)

/**
 * Peers whose rings say anything at all and change at any time, on a network that delays and loses what it likes. The
 * origin counts versions, and every load brings the version from when it began, however late it comes home.
 */
interface World {
  /** For each peer and key, which peer its ring names. */
  readonly rings: readonly (readonly number[])[]
  /** Likewise, which peer it takes for the owner before, who may hand the key over. */
  readonly previous: readonly (readonly number[])[]
  readonly steps: readonly Step[]
  /** Which messages are lost, by their number. */
  readonly lost: ReadonlySet<number>
}

const worlds: fc.Arbitrary<World> = fc.integer({ min: 2, max: 4 }).chain((size) => {
  const peer = fc.nat(size - 1)
  const place = { at: peer, key: fc.constantFrom('Tom', 'Tom', 'Tom', 'Jack') }
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 10, arbitrary: fc.record({ ...place, what: fc.constant('get' as const) }) },
    {
      weight: 5,
      arbitrary: fc.record({ ...place, what: fc.constantFrom('remove' as const, 'set' as const) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ ...place, what: fc.constantFrom('getMany' as const, 'clear' as const) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ ...place, what: fc.constant('turn' as const), viewer: peer, owner: peer }),
    },
    { weight: 1, arbitrary: fc.record({ ...place, what: fc.constant('wait' as const), ms: fc.nat(100) }) },
  )
  const ring = fc.array(peer, { minLength: keys.length, maxLength: keys.length })
  return fc.record({
    rings: fc.array(ring, { minLength: size, maxLength: size }),
    previous: fc.array(ring, { minLength: size, maxLength: size }),
    steps: fc.array(step, { minLength: 5, maxLength: 30 }),
    lost: fc.oneof(
      { weight: 3, arbitrary: fc.constant(new Set<number>()) },
      { weight: 1, arbitrary: fc.array(fc.nat(60), { maxLength: 10 }).map((list) => new Set(list)) },
    ),
  })
})

/** A remove, set or clear, from its start to its end in the order of events; endless while it runs or if it failed. */
interface Change {
  readonly what: 'set' | 'remove' | 'clear'
  readonly keys: readonly string[]
  /** The version of each key from when it began. */
  readonly versions: ReadonlyMap<string, number>
  readonly begin: number
  end: number
}

/** One run of a world, and the judge of what is seen in it. */
class Run {
  readonly #scheduler: fc.Scheduler
  readonly #groups: Group<string>[]
  readonly #rings: number[][]
  readonly #versions = new Map(keys.map((key) => [key, 1]))
  readonly #changes: Change[] = []
  readonly loads: string[] = []
  /** Whether messages and loads take no time, and none is lost. */
  #quiet = true
  #events = 0
  #messages = 0
  #time = 0

  constructor(scheduler: fc.Scheduler, world: World) {
    this.#scheduler = scheduler
    this.#rings = world.rings.map((ring) => [...ring])
    const network = new MemoryNetwork({
      ownerOf: (key, viewer) => `${this.#rings[Number(viewer)]?.[keys.indexOf(key)]}`,
      previousOwnerOf: (key, viewer) => `${world.previous[Number(viewer)]?.[keys.indexOf(key)]}`,
      carry: async ({ from, to, call, leg }) => {
        if (this.#quiet) return
        const number = this.#messages++
        await scheduler.schedule(Promise.resolve(), `${call} ${leg} ${from} -> ${to}`)
        if (world.lost.has(number)) throw new Error('lost')
      },
    })
    this.#groups = world.rings.map((_, self) => {
      const group = new Group<string>({
        name: 'scores',
        maxBytes: 2 ** 20,
        codec: text(),
        ttlMs: 1000,
        hot: { ttlMs: 500 },
        now: () => this.#time,
        getter: async (key) => {
          const value = `${key} ${this.#versions.get(key)}`
          this.loads.push(`${self} ${value}`)
          if (!this.#quiet) await scheduler.schedule(Promise.resolve(), `${self} loads ${value}`)
          return value
        },
      })
      network.join(`${self}`, group)
      return group
    })
  }

  async play(steps: readonly Step[]): Promise<void> {
    await this.#makeHot()
    const played = Promise.all(
      steps.map(async (step, i) => {
        await this.#scheduler.schedule(Promise.resolve(), `${i}: ${step.what} ${step.key} at ${step.at}`)
        await this.#play(step)
      }),
    )
    await this.#scheduler.waitFor(played)
    await played
    for (const group of this.#groups) {
      const { bytes: main } = group.cacheStats('main')
      expect(main + group.cacheStats('hot').bytes).toBeLessThanOrEqual(2 ** 20)
      await group.close()
    }
  }

  /** Has every peer fetch every key a few times, and forget the values: from now on each fetch leaves a copy. */
  async #makeHot(): Promise<void> {
    for (let round = 0; round < 3; round++) {
      for (const group of this.#groups) {
        await group.getMany(keys)
        await group.clear()
      }
    }
    this.loads.length = 0
    this.#quiet = false
  }

  async #play(step: Step): Promise<void> {
    const group = this.#groups[step.at] as Group<string>
    switch (step.what) {
      case 'get':
        return this.#judge(step.key, this.#events++, await group.get(step.key))
      case 'getMany': {
        const begin = this.#events++
        for (const [i, result] of (await group.getMany(keys)).entries()) {
          if (result.status === 'rejected') throw result.reason
          this.#judge(keys[i] as string, begin, result.value)
        }
        return
      }
      case 'set':
        return this.#change('set', [step.key], (version) => group.set(step.key, `${step.key} ${version}`))
      case 'remove':
        return this.#change('remove', [step.key], () => group.remove(step.key))
      case 'clear':
        return this.#change('clear', keys, () => group.clear())
      case 'turn':
        ;(this.#rings[step.viewer] as number[])[keys.indexOf(step.key)] = step.owner
        return
      case 'wait':
        this.#time += step.ms
    }
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
    }
    this.#changes.push(change)
    try {
      await tell(this.#versions.get(changed[0] as string) as number)
      change.end = this.#events++
    } catch (error) {
      // Nothing is promised then, but that the caller is told.
      if (!isGeeCacheError(error, 'remove-incomplete')) throw error
    }
  }

  /** A get that began after a change had ended must see its version, or a later one. */
  #judge(key: string, begin: number, value: string): void {
    const seen = Number(value.slice(key.length + 1))
    const writer = this.#changes.find(
      (change) => change.keys.includes(key) && change.versions.get(key) === seen,
    )
    for (const change of this.#changes) {
      if (!change.keys.includes(key) || change.end >= begin || seen >= (change.versions.get(key) as number))
        continue
      // Of two changes at a time, either may be the last one to reach the owner.
      if (writer?.what === 'set' && writer.end > change.begin) continue
      expect.fail(`a get saw ${value} after ${change.what} had made it ${change.versions.get(key)}`)
    }
  }
}

describe('a cluster', () => {
  it('answers every get, and never with a value older than a remove, set or clear that had ended', {
    timeout,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), worlds, (scheduler, world) =>
        new Run(scheduler, world).play(world.steps),
      ),
      { numRuns: schedules },
    )
  })

  it('loads a key once for each peer at most, whatever the rings say, when nothing is changed', {
    timeout,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), worlds, async (scheduler, world) => {
        const run = new Run(scheduler, world)
        await run.play(world.steps.filter(({ what }) => what === 'get' || what === 'getMany'))
        expect(new Set(run.loads).size).toBe(run.loads.length)
      }),
      { numRuns: schedules / 10 },
    )
  })
})
