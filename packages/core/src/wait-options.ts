import { GeeCacheError } from './errors.ts'
import { show } from './show.ts'

/** What may be said of anything that waits. */
export interface WaitOptions {
  /** Rejects this caller, and no other, with the signal's reason when it aborts. */
  readonly signal?: AbortSignal | undefined
}

/** Throws GeeCacheError `invalid-option` for what is easily taken for it: a signal that is not in an object, a controller. */
export function checkWait(options: WaitOptions | undefined): void {
  if (options === undefined) return
  if (typeof options !== 'object' || options === null || isSignal(options)) {
    throw invalid(`options must be an object such as { signal }, got ${show(options)}`)
  }
  const { signal } = options
  if (signal !== undefined && !isSignal(signal))
    throw invalid(`signal must be an AbortSignal, got ${show(signal)}`)
}

// By what it can do: it may come from a library, or another realm.
function isSignal(value: unknown): boolean {
  const { aborted, addEventListener } = (value ?? {}) as Partial<AbortSignal>
  return typeof aborted === 'boolean' && typeof addEventListener === 'function'
}

function invalid(message: string): GeeCacheError {
  return new GeeCacheError('invalid-option', message)
}
