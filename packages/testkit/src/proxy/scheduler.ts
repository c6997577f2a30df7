/** How whatever waits here waits: injected, so that tests of it need no time. */
export interface Scheduler {
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when that aborts before. */
  wait(ms: number, signal?: AbortSignal): Promise<void>
}

/** Waits in real time. */
export const realTime: Scheduler = {
  wait: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const leave = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }, ms)
      signal?.addEventListener('abort', leave, { once: true })
    }),
}

/** Time that passes when a test says so. */
export class ManualTime implements Scheduler {
  #now = 0
  readonly #waiting = new Set<{ readonly at: number; readonly go: () => void }>()

  get now(): number {
    return this.#now
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const one = { at: this.#now + ms, go: resolve }
      this.#waiting.add(one)
      signal?.addEventListener('abort', () => {
        if (this.#waiting.delete(one)) reject(signal.reason)
      })
    })
  }

  /** Lets `ms` pass: who waited as long goes on, in the order of their times, and so do those who wait again meanwhile. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      await turn()
      const [next] = [...this.#waiting].sort((a, b) => a.at - b.at)
      if (next === undefined || next.at > end) break
      this.#waiting.delete(next)
      this.#now = next.at
      next.go()
    }
    this.#now = end
  }
}

/** Resolves when everything that can go on without time has. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
