/** Something that has to end in time. The links are those of {@link Deadlines}. */
export interface Mortal {
  /** The moment it has to end, on the clock of the Deadlines it is in. */
  deadlineMs: number
  earlier: Mortal | undefined
  later: Mortal | undefined
  /** Its time is up. */
  expire(): void
}

/**
 * Ends what takes too long: one timer for any number of calls that all have the same time.
 *
 * They stand in a list in the order in which they began, which is that of their deadlines; to end early is to leave the
 * list. A timer for each would cost more than the rest of a batched get.
 */
export class Deadlines {
  readonly timeoutMs: number
  readonly #now: () => number
  #first: Mortal | undefined
  #last: Mortal | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #onIdle: (() => void)[] = []

  /** `now`: monotonic milliseconds. */
  constructor(timeoutMs: number, now: () => number = () => performance.now()) {
    this.timeoutMs = timeoutMs
    this.#now = now
  }

  /** Gives `one` its time, from now on. */
  add(one: Mortal): void {
    one.deadlineMs = this.#now() + this.timeoutMs
    one.earlier = this.#last
    if (this.#last === undefined) this.#first = one
    else this.#last.later = one
    this.#last = one
    this.#timer ??= setTimeout(this.#expire, this.timeoutMs)
  }

  /** `one` has ended. Does nothing if it is not, or no longer, among those that have to. */
  delete(one: Mortal): void {
    if (one.earlier === undefined && this.#first !== one) return
    if (one.earlier === undefined) this.#first = one.later
    else one.earlier.later = one.later
    if (one.later === undefined) this.#last = one.earlier
    else one.later.earlier = one.earlier
    one.earlier = undefined
    one.later = undefined
    if (this.#first !== undefined) return
    // Kept running, it would keep an otherwise idle process alive.
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const tell of this.#onIdle.splice(0)) tell()
  }

  /** Resolves when nothing has to end any more. */
  async idle(): Promise<void> {
    if (this.#first !== undefined) await new Promise<void>((resolve) => this.#onIdle.push(resolve))
  }

  /** Milliseconds until the deadline of `one`, at least 1. */
  leftMs(one: Mortal): number {
    return Math.max(1, Math.ceil(one.deadlineMs - this.#now()))
  }

  readonly #expire = (): void => {
    this.#timer = undefined
    // Timers may fire up to a millisecond early.
    const now = this.#now() + 1
    for (let one = this.#first; one !== undefined && one.deadlineMs <= now; one = this.#first) {
      this.delete(one)
      one.expire()
    }
    if (this.#first !== undefined) this.#timer ??= setTimeout(this.#expire, this.leftMs(this.#first))
  }
}
