import { HashRing } from '@geecache/consistenthash'
import { Group, type GroupOptions, type PeerGetter, text } from '@geecache/core'
import type { Random } from './proxy/random.ts'

/** One process of a {@link Simulation}. */
interface Member {
  readonly name: string
  readonly group: Group<string>
  /** The group as others reach it. */
  readonly getter: PeerGetter
}

/**
 * A cluster of any size in one process: real groups and a real ring, on a network that takes no time, with a clock that
 * goes on by itself. It says how the system behaves toward sizes for which there are no machines here.
 */
export class Simulation {
  /** How often each key was loaded since `forgetLoads`. */
  readonly loads: Map<string, number> = new Map()
  totalLoads = 0
  readonly #options: Partial<GroupOptions<string>>
  readonly #members = new Map<string, Member>()
  #list: readonly Member[] = []
  #ring = new HashRing()
  #previous = new HashRing()
  #now = 0
  #born = 0

  constructor(size: number, options: Partial<GroupOptions<string>> = {}) {
    this.#options = options
    this.join(size)
    this.#previous = this.#ring
  }

  get size(): number {
    return this.#list.length
  }

  get nowMs(): number {
    return this.#now
  }

  /** So many more processes, with nothing in memory; the milliseconds that the change took, all processes together. */
  join(count: number): number {
    for (let i = 0; i < count; i++) {
      const member = this.#make(`http://10.0.${this.#born >> 8}.${this.#born & 255}:8001`)
      this.#born++
      this.#members.set(member.name, member)
    }
    return this.#change()
  }

  /** So many processes are gone, with all they had; the milliseconds that the change took. */
  leave(count: number, random: Random): number {
    for (let i = 0; i < count; i++) {
      const member = this.#list[Math.floor(random() * this.#list.length)] as Member
      this.#members.delete(member.name)
      this.#list = [...this.#members.values()]
    }
    return this.#change()
  }

  /** A get in one of the processes, `ms` after the one before. */
  async get(key: string, random: Random, ms: number): Promise<string> {
    this.#now += ms
    const member = this.#list[Math.floor(random() * this.#list.length)] as Member
    return member.group.get(key)
  }

  forgetLoads(): void {
    this.loads.clear()
  }

  /** Requests of peers that each process has answered so far, the most first. */
  get requests(): readonly number[] {
    return this.#list.map(({ group }) => group.stats.serverRequests).sort((a, b) => b - a)
  }

  /** Values that new owners got from previous ones. */
  get handovers(): number {
    return this.#list.reduce((sum, { group }) => sum + group.stats.handovers, 0)
  }

  /** The part of all keys that each process owns. */
  get shares(): readonly number[] {
    return [...this.#ring.shares().values()]
  }

  /** The process that owns a key. */
  ownerOf(key: string): string | undefined {
    return this.#ring.get(key)
  }

  #make(name: string): Member {
    const group = new Group<string>({
      name: 'values',
      maxBytes: 2 ** 20,
      codec: text(),
      now: () => this.#now,
      getter: (key) => {
        this.totalLoads++
        this.loads.set(key, (this.loads.get(key) ?? 0) + 1)
        return `${key}, load ${this.totalLoads}`
      },
      ...this.#options,
    })
    const { local } = group
    // Over a network nothing comes back in the same turn.
    const getter: PeerGetter = {
      name,
      get: async (...request) => {
        await undefined
        if (!this.#members.has(name)) throw new Error(`${name} is gone`)
        return local.get(...request)
      },
    }
    const getterOf = (owner: string | undefined) =>
      owner === undefined || owner === name ? undefined : this.#members.get(owner)?.getter
    const members = () => this.#list
    group.registerPeers({
      pickPeer: (key) => getterOf(this.#ring.get(key)),
      previousOwner: (key) => getterOf(this.#previous.get(key)),
      *peers() {
        for (const member of members()) if (member.name !== name) yield member.getter
      },
    })
    return { name, group, getter }
  }

  #change(): number {
    const began = performance.now()
    const ring = new HashRing().add(...this.#members.keys())
    const ms = performance.now() - began
    this.#previous = this.#ring
    this.#ring = ring
    this.#list = [...this.#members.values()]
    return ms
  }
}
