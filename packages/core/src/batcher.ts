import { disownPromise } from './entry.ts'
import { type BatchContext, type BatchGetter, GetterFailure } from './getter.ts'
import type { LoadGate } from './load-gate.ts'
import { show } from './show.ts'

/** What a load found: a value, undefined if there is none, and how long it may live. */
export interface Found<V> {
  readonly value: V | undefined
  readonly ttlMs: number | undefined
}

export interface BatcherOptions {
  /** Keys of one call at most. */
  readonly maxBatchSize: number
  /** Milliseconds that a value lives unless the getter says otherwise. */
  readonly ttlMs: number | undefined
  /** Called before each call of the getter, with how many keys it is asked for. */
  readonly onCall: (keys: number) => void
}

interface Want<V> {
  readonly signal: AbortSignal
  resolve(found: Found<V>): void
  reject(reason: unknown): void
}

/** The loads that wait for the next call, by key: a key that was fenced may be wanted twice in a turn. */
type Wants<V> = Map<string, Want<V>[]>

/** Gathers the loads of one turn of the event loop into calls of a batch getter. */
export class Batcher<V> {
  readonly #getter: BatchGetter<V>
  readonly #gate: LoadGate
  readonly #options: BatcherOptions
  #wants: Wants<V> = new Map()

  constructor(getter: BatchGetter<V>, gate: LoadGate, options: BatcherOptions) {
    this.#getter = getter
    this.#gate = gate
    this.#options = options
  }

  /** Loads `key` together with the others of this turn. */
  load(key: string, signal: AbortSignal): Promise<Found<V>> {
    return new Promise((resolve, reject) => {
      const want: Want<V> = { signal, resolve, reject }
      const wanted = this.#wants.get(key)
      if (wanted !== undefined) {
        wanted.push(want)
        return
      }
      this.#wants.set(key, [want])
      if (this.#wants.size === this.#options.maxBatchSize) this.#flush()
      else if (this.#wants.size === 1) this.#flushAfterThisTurn(this.#wants)
    })
  }

  /** Turns away what waits for its turn to end. */
  close(reason: unknown): void {
    rejectAll(this.#wants, reason)
    this.#wants = new Map()
  }

  #flushAfterThisTurn(wants: Wants<V>): void {
    // Those that made a batch full have gone already.
    afterThisTurn(() => {
      if (this.#wants === wants) this.#flush()
    })
  }

  #flush(): void {
    const wants = this.#wants
    this.#wants = new Map()
    leaveOutTheLeft(wants)
    if (wants.size > 0) void this.#call(wants)
  }

  async #call(wants: Wants<V>): Promise<void> {
    const { signal, release } = allOf([...wants.values()].flat().map((want) => want.signal))
    try {
      await this.#gate.run(signal, async () => {
        // They may have waited for a long time.
        leaveOutTheLeft(wants)
        const keys = [...wants.keys()]
        const context: BatchContext = { signal, ttlsMs: keys.map(() => this.#options.ttlMs) }
        this.#options.onCall(keys.length)
        hand(await this.#ask(keys, context), context, wants)
      })
    } catch (error) {
      rejectAll(wants, error)
    } finally {
      release()
    }
  }

  async #ask(keys: readonly string[], context: BatchContext): Promise<unknown> {
    try {
      return await this.#getter(keys, context)
    } catch (error) {
      throw new GetterFailure(error)
    }
  }
}

/** Gives each load its result. */
function hand<V>(results: unknown, { ttlsMs }: BatchContext, wants: Wants<V>): void {
  if (!Array.isArray(results) || results.length !== wants.size) {
    throw new TypeError(`batchGetter must return an array of ${wants.size} results, got ${show(results)}`)
  }
  for (const [i, list] of [...wants.values()].entries()) {
    const value = results[i] as V | Error | undefined
    for (const { resolve, reject } of list) {
      if (value instanceof Error) reject(new GetterFailure(value))
      else if (disownPromise(value))
        reject(new TypeError('batchGetter must return values, got promises: await them all'))
      else resolve({ value, ttlMs: ttlsMs[i] })
    }
  }
}

/** Takes out the loads that nobody waits for any more. */
function leaveOutTheLeft<V>(wants: Wants<V>): void {
  for (const [key, list] of wants) {
    for (const { signal, reject } of list) if (signal.aborted) reject(signal.reason)
    const left = list.filter(({ signal }) => !signal.aborted)
    if (left.length > 0) wants.set(key, left)
    else wants.delete(key)
  }
}

function rejectAll<V>(wants: Wants<V>, reason: unknown): void {
  for (const { reject } of [...wants.values()].flat()) reject(reason)
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
