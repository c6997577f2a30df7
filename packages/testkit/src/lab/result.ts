import type { Bound, Plot } from './case.ts'

/** What came of a case. */
export interface Result {
  readonly id: string
  readonly title: string
  readonly does: string
  readonly seed: number
  readonly runs: number
  readonly pass: number
  readonly metric: string
  /** The worst of all runs. */
  readonly value: number | undefined
  readonly bound: Bound
  readonly ms: number
  readonly notes: Readonly<Record<string, number>>
  readonly failures: readonly string[]
  /** Why it was not run. */
  readonly skipped?: string
  readonly plots: readonly Plot[]
}

/** Whether every run held. */
export function held({ runs, pass, skipped }: Result): boolean {
  return skipped !== undefined || pass === runs
}

export function isWithin(value: number, bound: Bound): boolean {
  return 'atMost' in bound ? value <= bound.atMost : value >= bound.atLeast
}

/** The worse of two numbers, as the bound sees it. */
export function worse(a: number | undefined, b: number, bound: Bound): number {
  if (a === undefined) return b
  return 'atMost' in bound ? Math.max(a, b) : Math.min(a, b)
}

export function formatBound(bound: Bound): string {
  return 'atMost' in bound ? `≤ ${formatNumber(bound.atMost)}` : `≥ ${formatNumber(bound.atLeast)}`
}

/** A number as one reads it: three digits and thousands apart. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en')
  return Math.abs(value) >= 100
    ? Math.round(value).toLocaleString('en')
    : String(Number(value.toPrecision(3)))
}
