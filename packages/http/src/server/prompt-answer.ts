import type { PeerAnswer, PeerValue } from '@geecache/core'

/** What a group answers, without a promise if it has it in memory: the promises on the way would cost more than the answer. */
export class PromptAnswer implements PeerAnswer {
  #told: { readonly value: PeerValue } | { readonly error: unknown } | undefined
  #tell: { resolve(value: PeerValue): void; reject(error: unknown): void } | undefined

  succeed(value: PeerValue): void {
    this.#told = { value }
    this.#tell?.resolve(value)
  }

  fail(error: unknown): void {
    this.#told = { error }
    this.#tell?.reject(error)
  }

  /** The value, or the promise of it; throws what the group has failed with, or rejects with it. For one who asks once. */
  take(): PeerValue | Promise<PeerValue> {
    if (this.#told === undefined) {
      return new Promise((resolve, reject) => {
        this.#tell = { resolve, reject }
      })
    }
    if ('error' in this.#told) throw this.#told.error
    return this.#told.value
  }
}
