import { GeeCacheError, isGeeCacheError } from './errors.ts'

/**
 * Lets so many loads reach the origin at a time. Others wait in line, in the order they came; when the line is full,
 * more are turned away at once, for a wait that long helps nobody.
 */
export class LoadGate {
  readonly #maxConcurrent: number
  readonly #maxQueued: number
  readonly #line = new Set<() => void>()
  #running = 0

  constructor(maxConcurrent: number, maxQueued: number) {
    this.#maxConcurrent = maxConcurrent
    this.#maxQueued = maxQueued
  }

  /**
   * Runs `work` when its turn comes. Rejects with GeeCacheError `overloaded` when the line is full, and with the
   * signal's reason when that aborts while it waits.
   */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#maxConcurrent) await this.#wait(signal)
    else this.#running++
    let isInside = true
    const leave = () => {
      if (isInside) this.#next()
      isInside = false
    }
    // A getter that outlives its time limit would otherwise keep its place, perhaps for ever. One whose callers have
    // left keeps it, for it may still be at work.
    const onAbort = () => {
      if (isGeeCacheError(signal.reason, 'load-timeout')) leave()
    }
    signal.addEventListener('abort', onAbort)
    try {
      return await work()
    } finally {
      signal.removeEventListener('abort', onAbort)
      leave()
    }
  }

  /** Resolves when another has given up its place to this one. */
  #wait(signal: AbortSignal): Promise<void> {
    if (this.#line.size >= this.#maxQueued) {
      const message = `${this.#running} loads are running and ${this.#line.size} wait already`
      return Promise.reject(new GeeCacheError('overloaded', message))
    }
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        this.#line.delete(enter)
        reject(signal.reason)
      }
      this.#line.add(enter)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  #next(): void {
    const [first] = this.#line
    if (first === undefined) {
      this.#running--
      return
    }
    this.#line.delete(first)
    first()
  }
}
