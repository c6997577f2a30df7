import { SlotMap } from './slot-map.ts'

interface SharedGet<V> {
  readonly key: string
  answer: Promise<V> | undefined
}

/**
 * Gets under way of keys of which memory knows nothing: all callers who can't leave share one promise, until it settles
 * or is fenced. The flights below would join them as well, at several times the cost.
 */
export class SharedGets<V> {
  #gets = new SlotMap<SharedGet<V>>()
  /** The one that began last: when many ask for a key at once, most of them find it here. */
  #latest: SharedGet<V> | undefined

  /** The answer of the get of `key` that is under way. */
  get(key: string): Promise<V> | undefined {
    const latest = this.#latest
    if (latest !== undefined && latest.key === key) return latest.answer
    return this.#gets.size === 0 ? undefined : this.#gets.get(key)?.answer
  }

  /** Begins the get of `key`. */
  add(key: string, find: () => Promise<V>): Promise<V> {
    const get: SharedGet<V> = { key, answer: undefined }
    this.#gets.delete(key)
    this.#gets.add(key, get)
    this.#latest = get
    get.answer = this.#run(key, get, find)
    return get.answer
  }

  /** Lets nobody else have the answer of the get of `key`. */
  fence(key: string): void {
    this.#gets.delete(key)
    if (this.#latest?.key === key) this.#latest = undefined
  }

  /** As `fence`, for all keys, at a cost that does not depend on how many there are. */
  fenceAll(): void {
    this.#gets = new SlotMap()
    this.#latest = undefined
  }

  /** How many gets may be joined. */
  get size(): number {
    return this.#gets.size
  }

  // Not a reaction to the answer, which would make a rejection that nobody handles look as if somebody did.
  async #run(key: string, get: SharedGet<V>, find: () => Promise<V>): Promise<V> {
    try {
      return await find()
    } finally {
      if (this.#gets.get(key) === get) this.fence(key)
    }
  }
}
