import type { BatchContext, BatchGetter } from './getter.ts'
import type { LoadGate } from './load-gate.ts'
import { show } from './show.ts'

/** What a load found: a value, undefined if there is none, and how long it may live. */
export interface Found<V> {
  readonly value: V | undefined
  readonly ttlMs: number | undefined
}

interface Want<V> {
  readonly key: string
  readonly signal: AbortSignal
  resolve(found: Found<V>): void
  reject(reason: unknown): void
}

/** Gathers the loads of one turn of the event loop into calls of a batch getter. */
export class Batcher<V> {
  readonly #getter: BatchGetter<V>
  readonly #gate: LoadGate
  readonly #maxSize: number
  readonly #ttlMs: number | undefined
  #wants: Want<V>[] = []

  constructor(
    getter: BatchGetter<V>,
    gate: LoadGate,
    options: { readonly maxBatchSize: number; readonly ttlMs: number | undefined },
  ) {
    this.#getter = getter
    this.#gate = gate
    this.#maxSize = options.maxBatchSize
    this.#ttlMs = options.ttlMs
  }

  /** Loads `key` together with the others of this turn. */
  load(key: string, signal: AbortSignal): Promise<Found<V>> {
    return new Promise((resolve, reject) => {
      this.#wants.push({ key, signal, resolve, reject })
      if (this.#wants.length === this.#maxSize) this.#flush()
      else if (this.#wants.length === 1) afterThisTurn(() => this.#flush())
    })
  }

  #flush(): void {
    const wants = this.#wants.filter(({ signal }) => !signal.aborted)
    for (const { signal, reject } of this.#wants) if (signal.aborted) reject(signal.reason)
    this.#wants = []
    if (wants.length > 0) void this.#call(wants)
  }

  async #call(wants: readonly Want<V>[]): Promise<void> {
    const { signal, release } = allOf(wants.map((want) => want.signal))
    const context: BatchContext = { signal, ttlsMs: wants.map(() => this.#ttlMs) }
    try {
      const keys = wants.map(({ key }) => key)
      const results = await this.#gate.run(signal, async () => this.#getter(keys, context))
      if (!Array.isArray(results) || results.length !== keys.length) {
        throw new TypeError(
          `batchGetter must return an array of ${keys.length} results, got ${show(results)}`,
        )
      }
      for (const [i, { resolve, reject }] of wants.entries()) {
        const value = results[i] as V | Error | undefined
        if (value instanceof Error) reject(value)
        else resolve({ value, ttlMs: context.ttlsMs[i] })
      }
    } catch (error) {
      for (const { reject } of wants) reject(error)
    } finally {
      release()
    }
  }
}

/** A signal that aborts when all of `signals` have, until released. */
function allOf(signals: readonly AbortSignal[]): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController()
  let left = signals.length
  const leave = () => {
    if (--left === 0) controller.abort(signals[0]?.reason)
  }
  for (const signal of signals) signal.addEventListener('abort', leave, { once: true })
  const release = () => {
    for (const signal of signals) signal.removeEventListener('abort', leave)
  }
  return { signal: controller.signal, release }
}

/** After the microtasks too, so that misses found on the way through promises come along. */
function afterThisTurn(callback: () => void): void {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => void }
  if (setImmediate === undefined) setTimeout(callback, 0)
  else setImmediate(callback)
}
