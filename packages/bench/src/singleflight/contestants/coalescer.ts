/** Something that lets concurrent callers of one key share one load. */
export interface Coalescer {
  /** `signal` is the caller's. Left out of the call where a library has no place for it. */
  get(key: unknown, load: Load, signal?: AbortSignal): Promise<unknown>
  /** Whatever makes the library load a key anew: forget, delete or clear. Absent where there is nothing like it. */
  forget?(key: unknown): unknown
  /** Whether a caller can bring a signal. */
  readonly takesSignal?: boolean
}

/** `signal` is the work's own, where the library hands one out. */
export type Load = (signal?: AbortSignal) => Promise<unknown>
