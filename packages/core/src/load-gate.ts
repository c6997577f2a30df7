import { GeeCacheError } from './errors.ts'

/** What a gate lets through. */
export interface LoadGateOptions {
  /** Loads that may run at a time. */
  readonly maxConcurrent: number
  /** Loads that may wait for their turn. */
  readonly maxQueued: number
  /** Milliseconds after which a load that still runs gives up its place; undefined if it never has to. */
  readonly limitMs?: number | undefined
}

/**
 * Lets so many loads reach the origin at a time. Others wait in line, in the order they came; when the line is full,
 * more are turned away at once, for a wait that long helps nobody.
 */
export class LoadGate {
  readonly #options: LoadGateOptions
  readonly #line = new Set<Place>()
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()
  #running = 0
  #closed: { readonly reason: unknown } | undefined

  constructor(options: LoadGateOptions) {
    this.#options = options
  }

  /**
   * Runs `work` when its turn comes. Rejects with GeeCacheError `overloaded` when the line is full, and with the
   * signal's reason when that aborts while it waits.
   */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#options.maxConcurrent === Number.POSITIVE_INFINITY) return work()
    if (this.#running >= this.#options.maxConcurrent) await this.#wait(signal)
    else this.#running++
    const leave = this.#enter()
    try {
      // Who was let in may have left before he could walk through.
      signal.throwIfAborted()
      return await work()
    } finally {
      leave()
    }
  }

  /** Turns away who is in line, and who would have to wait from now on. */
  close(reason: unknown): void {
    this.#closed = { reason }
    for (const { turnAway } of [...this.#line]) turnAway(reason)
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }

  /** Takes a place; gives what leaves it, once. */
  #enter(): () => void {
    let isInside = true
    const { limitMs } = this.#options
    // A getter that outlives its time limit would otherwise keep its place, perhaps for ever. One whose callers have
    // left keeps it until then, for it may still be at work.
    const timer = limitMs === undefined || this.#closed ? undefined : setTimeout(() => leave(), limitMs)
    if (timer !== undefined) this.#timers.add(timer)
    const leave = () => {
      if (!isInside) return
      isInside = false
      if (timer !== undefined) {
        clearTimeout(timer)
        this.#timers.delete(timer)
      }
      this.#next()
    }
    return leave
  }

  /** Resolves when another has given up its place to this one. */
  #wait(signal: AbortSignal): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed.reason)
    if (this.#line.size >= this.#options.maxQueued) {
      const message = `${this.#running} loads are running and ${this.#line.size} wait already`
      return Promise.reject(new GeeCacheError('overloaded', message))
    }
    return new Promise((resolve, reject) => {
      const leaveLine = () => {
        signal.removeEventListener('abort', onAbort)
        this.#line.delete(place)
      }
      const place: Place = {
        letIn: () => {
          leaveLine()
          resolve()
        },
        turnAway: (reason) => {
          leaveLine()
          reject(reason)
        },
      }
      const onAbort = () => place.turnAway(signal.reason)
      this.#line.add(place)
      signal.addEventListener('abort', onAbort)
    })
  }

  #next(): void {
    const [first] = this.#line
    if (first === undefined) this.#running--
    else first.letIn()
  }
}

/** The place of one load in the line. */
interface Place {
  letIn(): void
  turnAway(reason: unknown): void
}
