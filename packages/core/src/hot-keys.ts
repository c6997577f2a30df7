import { LRUCache } from '@geecache/lru'

const remembered = 1024

/**
 * Tells which of the keys that other peers own are worth a copy here: those fetched again while their last
 * fetch is among the latest 1,024. A key asked for once in a while is left to its owner.
 */
export class HotKeys {
  readonly #fetched = new LRUCache<string, true>({ maxEntries: remembered })

  /** Notes a fetch of `key`; whether the key is hot by now. */
  note(key: string): boolean {
    if (this.#fetched.get(key) !== undefined) return true
    this.#fetched.set(key, true)
    return false
  }
}
