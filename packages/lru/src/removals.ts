import type { RemovalReason } from './options.ts'

interface Removal<K, V> {
  readonly key: K
  readonly value: V
  readonly reason: RemovalReason
}

/** How deep `onRemove` may lead back into itself: far less than the stack holds. */
const MAX_DEPTH = 100

/**
 * Removals that `onRemove` has yet to be told. They are collected while an operation changes the cache and
 * told once it is in order again, so what the callback does to the cache is an operation like any other.
 */
export class Removals<K, V> {
  readonly #onRemove: (value: V, key: K, reason: RemovalReason) => void
  #untold: Removal<K, V>[] = []
  #depth = 0

  constructor(onRemove: (value: V, key: K, reason: RemovalReason) => void) {
    this.#onRemove = onRemove
  }

  add(key: K, value: V, reason: RemovalReason): void {
    this.#untold.push({ key, value, reason })
  }

  /** Tells them all, even if some calls throw; then throws what they threw. */
  tell(): void {
    if (this.#untold.length === 0) return
    // A callback that calls the cache starts a list of its own.
    const removals = this.#untold
    this.#untold = []
    if (this.#depth === MAX_DEPTH) {
      throw new RangeError(
        `onRemove led back to itself ${MAX_DEPTH} times: does it set what it was told is gone?`,
      )
    }
    const errors: unknown[] = []
    this.#depth++
    for (const { key, value, reason } of removals) {
      try {
        this.#onRemove(value, key, reason)
      } catch (error) {
        errors.push(error)
      }
    }
    this.#depth--
    if (errors.length === 1) throw errors[0]
    if (errors.length > 1) throw new AggregateError(errors, `onRemove threw ${errors.length} times`)
  }
}
