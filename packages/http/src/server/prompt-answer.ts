import type { PeerAnswer, PeerValue } from '@geecache/core'
import type { Soon } from './soon.ts'

/** What a group answers for one key: the value itself if it has that in memory, or else the promise of it. */
export class PromptAnswer implements PeerAnswer {
  #state: State = { is: 'open' }

  succeed(value: PeerValue): void {
    if (this.#state.is === 'awaited') this.#state.resolve(value)
    else this.#state = { is: 'value', value }
  }

  fail(error: unknown): void {
    if (this.#state.is === 'awaited') this.#state.reject(error)
    else this.#state = { is: 'error', error }
  }

  /** Takes the answer, once. Throws what the group has failed with, or rejects with it. */
  take(): Soon<PeerValue> {
    const state = this.#state
    if (state.is === 'value') return state.value
    if (state.is === 'error') throw state.error
    return new Promise((resolve, reject) => {
      this.#state = { is: 'awaited', resolve, reject }
    })
  }
}

type State =
  | { readonly is: 'open' }
  | { readonly is: 'value'; readonly value: PeerValue }
  | { readonly is: 'error'; readonly error: unknown }
  | {
      readonly is: 'awaited'
      readonly resolve: (value: PeerValue) => void
      readonly reject: (error: unknown) => void
    }
