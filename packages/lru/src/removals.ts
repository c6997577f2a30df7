import type { RemovalReason } from './options.ts'

type Removal<K, V> = [value: V, key: K, reason: RemovalReason]

/** How deep `onRemove` may lead back into itself: far less than the stack holds. */
const MAX_DEPTH = 100

/**
 * Removals that `onRemove` has yet to be told. They are collected while an operation changes the cache and
 * told once it is in order again, so what the callback does to the cache is an operation like any other.
 */
export class Removals<K, V> {
  readonly #onRemove: ((value: V, key: K, reason: RemovalReason) => void) | undefined
  #untold: Removal<K, V>[] = []
  #depth = 0

  constructor(onRemove: ((value: V, key: K, reason: RemovalReason) => void) | undefined) {
    this.#onRemove = onRemove
  }

  add(value: V, key: K, reason: RemovalReason): void {
    if (this.#onRemove !== undefined) this.#untold.push([value, key, reason])
  }

  /** Tells them all, even if some calls throw; then throws what they threw. */
  tell(): void {
    // Each operation comes here, and few have anything to tell.
    if (this.#untold.length > 0) this.#tellAll()
  }

  #tellAll(): void {
    // A callback that calls the cache starts a list of its own.
    const removals = this.#untold
    this.#untold = []
    if (this.#depth === MAX_DEPTH) throw new RangeError('endless onRemove')
    const errors: unknown[] = []
    this.#depth++
    for (const removal of removals) {
      try {
        this.#onRemove?.(...removal)
      } catch (error) {
        errors.push(error)
      }
    }
    this.#depth--
    if (errors.length > 0) throw errors.length > 1 ? new AggregateError(errors) : errors[0]
  }
}
