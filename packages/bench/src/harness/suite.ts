/** What one measurement found: a number for each metric it measured. */
export type Measurement = Readonly<Record<string, number>>

/** A number that is compared between contestants. */
export interface Metric {
  /** Printed after the name: `M/s`, `bytes`, `ms`; empty for a plain ratio. */
  readonly unit: string
  readonly better: 'more' | 'less'
  /** Digits after the point. Default: 2. */
  readonly digits?: number
}

/** What a comparison is about, whatever kind its contestants are. */
export interface SuiteOutline {
  readonly name: string
  /** What is measured and how, in a few sentences: printed above the tables. */
  readonly about: string
  /** The contestant that the ratios refer to. */
  readonly baseline: string
  readonly metrics: Readonly<Record<string, Metric>>
  /** Flags for the Node.js of each measurement, such as `--expose-gc`. */
  readonly nodeFlags?: readonly string[]
  readonly contestants: Readonly<Record<string, unknown>>
  readonly cases: Readonly<Record<string, unknown>>
}

/** A comparison: contestants doing the same work in several cases. */
export interface Suite<Contestant> extends SuiteOutline {
  /** Each is called in a process of its own, so a contestant's modules load only where it runs. */
  readonly contestants: Readonly<Record<string, () => Contestant | Promise<Contestant>>>
  /** The work. A metric left out of a measurement is printed as a dash. */
  readonly cases: Readonly<Record<string, (contestant: Contestant) => Measurement | Promise<Measurement>>>
}
