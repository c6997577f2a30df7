// How often it looks at the clock. A process that does nothing else is woken no oftener than that.
const periodMs = 50
// Later than that is not the timer's grain, nor a busy moment.
const toleranceMs = 50
// Rounds of the loop until what happened while it was away has come to light: a connection is taken in one, its request is
// read in the next, and in the one after that the end that followed it.
const roundsToCatchUp = 3

/**
 * Knows when this process's own event loop was late: who could not have heard an answer must not blame the peer (after
 * Cassandra's local pause detection), and who wakes up must not serve requests whose callers have given up meanwhile.
 */
export class LoopWatch {
  readonly #now: () => number
  #timer: ReturnType<typeof setInterval> | undefined
  #lastLook: number
  #lastLate = Number.NEGATIVE_INFINITY
  #roundsLeft = 0

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

  /** Whether what comes to light at this moment may have happened while the loop was away. */
  get isCatchingUp(): boolean {
    return this.isLate || this.#roundsLeft > 0
  }

  #look(): void {
    // Timers come first in the loop's round, before all that it then finds in its sockets.
    if (this.isLate) {
      this.#lastLate = this.#now()
      if (this.#roundsLeft === 0) setImmediate(this.#round)
      this.#roundsLeft = roundsToCatchUp
    }
    this.#lastLook = this.#now()
  }

  readonly #round = (): void => {
    if (--this.#roundsLeft > 0) setImmediate(this.#round)
  }
}
