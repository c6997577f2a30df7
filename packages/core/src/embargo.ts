// Longer than the two rounds of any removal take: whoever tells others to drop something waits seconds for their answers.
const lastsMs = 60_000
// Beyond that many keys it is for all of them: some loads more than need be, and nothing old survives.
const mostKeys = 10_000

/**
 * The keys for which nothing is taken over from a previous owner at present, because they have just been removed here.
 *
 * The previous owner may be told later, and hand over the old value until then; it would be kept as this process's own,
 * and given to peers, and some of those may have had their second round already. So for a key that was dropped in a first
 * round it is not asked any more. That matters only until the second round, but of several removals at a time nobody
 * could tell whose that is; and for a while after a removal there is little to take over anyway.
 */
export class Embargo {
  readonly #now: () => number
  /** Until when, for each key; the first to end comes first. */
  readonly #keys = new Map<string, number>()
  #allUntilMs = Number.NEGATIVE_INFINITY

  /** `now` is a monotonic clock in milliseconds. */
  constructor(now: () => number) {
    this.#now = now
  }

  add(key: string): void {
    const now = this.#now()
    for (const [other, untilMs] of this.#keys) {
      if (untilMs > now) break
      this.#keys.delete(other)
    }
    this.#keys.delete(key)
    this.#keys.set(key, now + lastsMs)
    if (this.#keys.size > mostKeys) this.addAll()
  }

  addAll(): void {
    this.#keys.clear()
    this.#allUntilMs = this.#now() + lastsMs
  }

  has(key: string): boolean {
    const now = this.#now()
    return now < this.#allUntilMs || now < (this.#keys.get(key) ?? Number.NEGATIVE_INFINITY)
  }

  /** How many keys are noted one by one. */
  get size(): number {
    return this.#keys.size
  }
}
