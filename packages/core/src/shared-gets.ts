import { SlotMap } from './slot-map.ts'

interface SharedGet<V> {
  answer: Promise<V> | undefined
}

/**
 * Gets under way of keys of which memory knows nothing: all callers who can't leave share one promise, until it settles
 * or is fenced. The flights below would join them as well, at several times the cost.
 */
export class SharedGets<V> {
  #gets = new SlotMap<SharedGet<V>>()

  /** The answer of the get of `key` that is under way. */
  get(key: string): Promise<V> | undefined {
    return this.#gets.get(key)?.answer
  }

  /** Begins the get of `key`. */
  add(key: string, find: () => Promise<V>): Promise<V> {
    const get: SharedGet<V> = { answer: undefined }
    this.#gets.delete(key)
    this.#gets.add(key, get)
    get.answer = this.#run(key, get, find)
    return get.answer
  }

  /** Lets nobody else have the answer of the get of `key`. */
  fence(key: string): void {
    this.#gets.delete(key)
  }

  /** As `fence`, for all keys, at a cost that does not depend on how many there are. */
  fenceAll(): void {
    this.#gets = new SlotMap()
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
      if (this.#gets.get(key) === get) this.#gets.delete(key)
    }
  }
}
