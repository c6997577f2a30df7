/** A request, in the terms of no server in particular. */
export interface Message {
  readonly method: string
  /** As it was sent, a query included. */
  readonly path: string
  header(name: string): string | undefined
  /** The whole body; undefined if it is longer than `maxBytes`. */
  body(maxBytes: number): Promise<Buffer | undefined>
  /** Whether the caller has hung up. */
  readonly isGone: boolean
  /** Aborts when he does; may be made only when it is asked for. */
  readonly signal: AbortSignal
}
