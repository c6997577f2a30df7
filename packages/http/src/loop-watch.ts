// How often it looks at the clock. A process that does nothing else is woken no oftener than that.
const periodMs = 50
// Later than that is not the timer's grain, nor a busy moment.
const toleranceMs = 50

/**
 * Knows when this process's own event loop was late: who could not have heard an answer must not blame the peer (after
 * Cassandra's local pause detection), and who wakes up must not serve requests whose callers have given up meanwhile.
 */
export class LoopWatch {
  readonly #now: () => number
  #timer: ReturnType<typeof setInterval> | undefined
  #lastLook: number
  #lastLate = Number.NEGATIVE_INFINITY

  /** `now`: monotonic milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
    this.#lastLook = now()
  }

  /** Looks at the clock from now on; does not keep the process alive. */
  start(): void {
    if (this.#timer !== undefined) return
    this.#lastLook = this.#now()
    this.#timer = setInterval(() => this.#look(), periodMs).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Whether the loop is late at this moment: it has been away, and has yet to come round. */
  get isLate(): boolean {
    return this.#timer !== undefined && this.#now() - this.#lastLook > periodMs + toleranceMs
  }

  /** Whether the loop was late at some time since `moment`. */
  wasLateSince(moment: number): boolean {
    return this.isLate || this.#lastLate >= moment
  }

  #look(): void {
    if (this.isLate) this.#lastLate = this.#now()
    this.#lastLook = this.#now()
  }
}
