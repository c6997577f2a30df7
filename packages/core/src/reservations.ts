// Of sets under way here. A setter that dies between its rounds leaves its reservation behind; more than this are not kept.
const mostKeys = 10_000

/**
 * The places that sets have taken in the order of changes, of keys whose values are on their way to this process.
 *
 * A set reserves its place in the first round, and brings its value in the second, if no other change of the key has come
 * between. Without that: 1. a set is sent, and gets stuck on the way; 2. its sender gives up, and reports a failure;
 * 3. somebody removes the key, which succeeds; 4. the set arrives, and its value is the one that stays.
 */
export class Reservations {
  /** The last one of each key; the first to be made comes first. */
  readonly #ids = new Map<string, string>()

  /** Lets the set named `id` bring a value for `key`, and no set that came before. */
  make(key: string, id: string): void {
    this.#ids.delete(key)
    this.#ids.set(key, id)
    if (this.#ids.size <= mostKeys) return
    const [oldest] = this.#ids.keys()
    this.#ids.delete(oldest as string)
  }

  /** Whether the set named `id` may bring its value now; once. */
  take(key: string, id: string): boolean {
    return this.#ids.get(key) === id && this.#ids.delete(key)
  }

  /** Another change has come: what was reserved for `key` is void. */
  cancel(key: string): void {
    this.#ids.delete(key)
  }

  cancelAll(): void {
    this.#ids.clear()
  }

  /** How many sets are expected. */
  get size(): number {
    return this.#ids.size
  }
}
