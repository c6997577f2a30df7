/** How a peer failed: hard if nobody serves at its address, soft if it was late or has too much to do. */
export type Failure = 'hard' | 'soft'

/** When a peer is left alone, and how soon it is probed. */
export interface BreakerOptions {
  /** Hard failures in a row after which the peer is left alone. Default: 2. */
  readonly hardFailures: number
  /** Soft failures in a row after which the peer is left alone. Default: 5. */
  readonly softFailures: number
  /** Milliseconds until the first probe. Default: 200. */
  readonly minDelayMs: number
  /** Milliseconds up to which the time between two probes doubles; at random half of it is added at most. Default: 2000. */
  readonly maxDelayMs: number
}

/**
 * Leaves a peer alone that fails, and finds out when it is back.
 *
 * Closed, as it is at first, it lets calls through. So many failures in a row open it: nobody calls the peer any more but
 * a probe, at growing intervals, of which the first that succeeds closes it. The peer is on probation then: if the next
 * call fails, it opens again at once, and goes on with its intervals, for a peer may answer probes and nothing else. The
 * first call that succeeds ends the probation; one that went through while it was open closes it, too.
 */
export class Breaker {
  readonly #options: BreakerOptions
  readonly #mayOpen: () => boolean
  readonly #probe: () => Promise<boolean>
  /** In a row, those before a probe that succeeded included. */
  readonly #failures = { hard: 0, soft: 0 }
  /** Milliseconds until the next probe. */
  #delayMs: number
  #timer: ReturnType<typeof setTimeout> | undefined
  #isOpen = false
  #ended = false

  /** `mayOpen` says whether one more peer may be left alone; `probe` whether the peer answers. */
  constructor(options: BreakerOptions, mayOpen: () => boolean, probe: () => Promise<boolean>) {
    this.#options = options
    this.#delayMs = options.minDelayMs
    this.#mayOpen = mayOpen
    this.#probe = probe
  }

  /** Whether the peer is left alone. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** The peer has answered a call. */
  succeed(): void {
    this.#failures.hard = 0
    this.#failures.soft = 0
    this.#delayMs = this.#options.minDelayMs
    if (this.#isOpen) this.#close()
  }

  /** The peer has failed a call. */
  fail(failure: Failure): void {
    const { hardFailures, softFailures } = this.#options
    this.#failures[failure]++
    const { hard, soft } = this.#failures
    if (hard >= hardFailures || soft >= softFailures) this.open()
  }

  /** Leaves the peer alone now: it has said that it is leaving. */
  open(): void {
    if (this.#isOpen || this.#ended || !this.#mayOpen()) return
    this.#isOpen = true
    this.#probeLater()
  }

  /** Ends, without a timer left; lets calls through. */
  end(): void {
    this.#ended = true
    this.#close()
  }

  #close(): void {
    this.#isOpen = false
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #probeLater(): void {
    // Up to half as long again, so that peers that have lost the same one do not all come back to it at once.
    const delayMs = this.#delayMs * (1 + Math.random() / 2)
    this.#delayMs = Math.min(2 * this.#delayMs, this.#options.maxDelayMs)
    this.#timer = setTimeout(() => void this.#tryProbe(), delayMs).unref()
  }

  async #tryProbe(): Promise<void> {
    const timer = this.#timer
    const answers = await this.#probe()
    // It has closed meanwhile, and perhaps opened again, with probes of its own.
    if (this.#timer !== timer) return
    if (answers) this.#close()
    else this.#probeLater()
  }
}
