import { Group, isGeeCacheError, text } from '@geecache/core'
import { MemoryNetwork } from '@geecache/core/testing'
import type { LabCase } from '../lab/case.ts'
import { type Random, seededRandom } from '../proxy/random.ts'

const keys = ['Tom', 'Jack']

/** Removals against everything that may be under way. */
export const c4: LabCase = {
  id: 'C4',
  title: 'Values are removed while they are loaded, fetched and copied',
  does: 'Two to four groups whose rings say anything at all, on a network that delays every message as a seeded scheduler likes and loses some: gets, removals and changes of the rings in random schedules. A get that begins after a removal has ended must see the version of that removal, or a later one.',
  metric: 'stale reads',
  bound: { atMost: 0 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    const schedules = lab.short ? 2000 : 100_000
    let stale = 0
    let gets = 0
    for (let i = 0; i < schedules; i++) {
      const seed = lab.seed * 1_000_000 + i
      const world = new World(seededRandom(seed))
      await world.play()
      gets += world.gets
      stale += world.complaints.length
      for (const complaint of world.complaints.slice(0, 1)) lab.hold(false, `schedule ${seed}: ${complaint}`)
    }
    lab.note('schedules', schedules)
    lab.note('gets that were judged', gets)
    return stale
  },
}

/** A removal: the version that the origin had before it began, and when it had ended, in the order of events. */
interface Removal {
  readonly key: string
  readonly version: number
  readonly endedAt: number
}

class World {
  readonly complaints: string[] = []
  gets = 0
  readonly #random: Random
  readonly #groups: Group<string>[]
  readonly #rings: number[][]
  readonly #versions = new Map(keys.map((key) => [key, 1]))
  readonly #removals: Removal[] = []
  readonly #parked: (() => void)[] = []
  readonly #lossRate: number
  #isQuiet = true
  #events = 0
  #now = 0

  constructor(random: Random) {
    this.#random = random
    const size = 2 + this.#below(3)
    this.#lossRate = random() < 0.25 ? 0.1 : 0
    this.#rings = Array.from({ length: size }, () => keys.map(() => this.#below(size)))
    const network = new MemoryNetwork({
      ownerOf: (key, viewer) => `${this.#rings[Number(viewer)]?.[keys.indexOf(key)]}`,
      carry: async () => {
        await this.#delay()
        if (!this.#isQuiet && random() < this.#lossRate) throw new Error('lost')
      },
    })
    this.#groups = this.#rings.map((_, self) => {
      const group = new Group<string>({
        name: 'scores',
        maxBytes: 2 ** 20,
        codec: text(),
        ttlMs: 1000,
        hot: { ttlMs: 500 },
        now: () => this.#now,
        getter: async (key) => {
          const value = `${this.#versions.get(key)}`
          await this.#delay()
          return value
        },
      })
      network.join(`${self}`, group)
      return group
    })
  }

  async play(): Promise<void> {
    // Every peer asks a few times and forgets: from now on what it fetches leaves a copy.
    for (let round = 0; round < 3; round++) {
      for (const group of this.#groups) {
        await group.getMany(keys)
        await group.clear()
      }
    }
    this.#isQuiet = false
    const steps = Array.from({ length: 5 + this.#below(16) }, async () => {
      await this.#delay()
      await this.#step()
    })
    let played = false
    void Promise.all(steps).then(() => {
      played = true
    })
    while (!played) {
      await turn()
      const [go] = this.#parked.splice(this.#below(this.#parked.length), 1)
      if (go !== undefined) go()
    }
    await Promise.all(steps)
    this.#isQuiet = true
    for (const go of this.#parked.splice(0)) go()
    for (const group of this.#groups) {
      const bytes = group.cacheStats('main').bytes + group.cacheStats('hot').bytes
      if (bytes > 2 ** 20) this.complaints.push(`a group accounts for ${bytes} bytes`)
      await group.close()
    }
  }

  async #step(): Promise<void> {
    const group = this.#groups[this.#below(this.#groups.length)] as Group<string>
    const key = this.#random() < 0.75 ? 'Tom' : 'Jack'
    const what = this.#random()
    if (what < 0.6) return this.#get(group, key)
    if (what < 0.9) return this.#remove(group, key)
    if (what < 0.95) {
      const ring = this.#rings[this.#below(this.#rings.length)] as number[]
      ring[keys.indexOf(key)] = this.#below(this.#rings.length)
    } else this.#now += this.#below(100)
  }

  async #get(group: Group<string>, key: string): Promise<void> {
    const beganAt = this.#events++
    const seen = Number(await group.get(key))
    this.gets++
    for (const removal of this.#removals) {
      if (removal.key === key && removal.endedAt < beganAt && seen < removal.version) {
        this.complaints.push(
          `a get of ${key} saw version ${seen} after it was removed for version ${removal.version}`,
        )
      }
    }
  }

  async #remove(group: Group<string>, key: string): Promise<void> {
    const version = (this.#versions.get(key) as number) + 1
    this.#versions.set(key, version)
    try {
      await group.remove(key)
      this.#removals.push({ key, version, endedAt: this.#events++ })
    } catch (error) {
      // Nothing is promised then, but that the caller is told.
      if (!isGeeCacheError(error, 'remove-incomplete')) throw error
    }
  }

  /** Resolves when the scheduler likes. */
  #delay(): Promise<void> {
    if (this.#isQuiet) return Promise.resolve()
    return new Promise((resolve) => this.#parked.push(resolve))
  }

  #below(limit: number): number {
    return Math.floor(limit * this.#random())
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
