import { refuse } from './refuse.ts'

// Reading the clock costs more than a hit. So in a burst, many readings in one job with hardly any time between
// them, one reading is given several times. A burst ends with the job, and when two readings turn out to be
// further apart. Outside of bursts every call reads the clock.

/** Readings in a row, each within a millisecond of the one before, that come before a burst. */
const BEFORE_BURST = 1000
/** How often one reading is given again during a burst. */
const SHARES = 64

/**
 * The clock of a cache, in milliseconds: the one given, read at each call, or else `performance.now()`.
 *
 * A class, not a closure, so that V8 sees the same `now` in every cache and can put it in line.
 */
export class Clock {
  readonly #given: (() => number) | undefined
  #reading = 0
  #shares = 0
  #readings = 0

  constructor(given?: () => number) {
    this.#given = given
  }

  /** What `now` answered last. */
  get reading(): number {
    return this.#reading
  }

  /** Throws if the given clock returns no finite number. */
  now(): number {
    if (this.#shares === 0) this.#read()
    else this.#shares--
    return this.#reading
  }

  #read(): void {
    const previous = this.#reading
    // Looked up at each reading: test frameworks put a fake clock there.
    const reading = this.#given ? this.#given() : performance.now()
    if (!Number.isFinite(reading)) refuse('now()', 'a finite number', reading)
    this.#reading = reading
    if (reading - previous >= 1) this.#endBurst()
    else if (!this.#given && ++this.#readings > BEFORE_BURST) {
      this.#shares = SHARES
      if (this.#readings === BEFORE_BURST + 1) queueMicrotask(() => this.#endBurst())
    }
  }

  #endBurst(): void {
    this.#shares = this.#readings = 0
  }
}
