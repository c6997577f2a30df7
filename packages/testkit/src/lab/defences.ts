import type { Patch } from '../bundle.ts'

/** Something in the packages that keeps a case from failing, and how to build them without it. */
export interface Defence {
  readonly name: string
  /** What is so without it. */
  readonly means: string
  readonly patches: readonly Patch[]
  /** The cases that must fail then. */
  readonly breaks: readonly string[]
}

export const defences: readonly Defence[] = []
