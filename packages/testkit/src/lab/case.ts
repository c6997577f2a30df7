import type { Cluster, ClusterOptions } from '../cluster.ts'
import type { Random } from '../proxy/random.ts'

/** One thing that a cluster must survive: what is done to it, and the number that says whether it did. */
export interface LabCase {
  /** Its number in the plan, such as A2. */
  readonly id: string
  readonly title: string
  /** What is done, in a sentence or two. */
  readonly does: string
  /** What the number is, with its unit. */
  readonly metric: string
  readonly bound: Bound
  /** How often it is run, and how often in a short run. */
  readonly runs: number
  readonly shortRuns: number
  /** Runs it once: resolves with the number; rejects when something else went wrong. */
  run(lab: Lab): Promise<number>
}

export type Bound = { readonly atMost: number } | { readonly atLeast: number }

/** What a run of a case works with. */
export interface Lab {
  /** Whether to be brief. */
  readonly short: boolean
  /** Counts the runs of the case, from 0. */
  readonly round: number
  /** What all chance in this run comes from. */
  readonly seed: number
  readonly random: Random
  /** A cluster for this run alone: what must hold of it is checked at the end, then it is taken down. */
  cluster(options?: ClusterOptions): Promise<Cluster>
  /** A cluster for all runs of the case; what must hold of it is checked after each. */
  sharedCluster(options?: ClusterOptions): Promise<Cluster>
  /** Disposes of something at the end of the run, the last one first. */
  use<T extends AsyncDisposable>(resource: T): T
  /** One more number for the report; of several runs, the worst, which is the largest. */
  note(name: string, value: number): void
  /** Something else that must hold. */
  hold(holds: boolean, complaint: string): void
  /** A plot for the report, of this case's first run. */
  plot(plot: Plot): void
}

/** A picture for the report. */
export interface Plot {
  readonly title: string
  readonly x: string
  readonly y: string
  readonly series: readonly {
    readonly name: string
    readonly points: readonly (readonly [number, number])[]
  }[]
  /** What happened when, on the x axis. */
  readonly marks?: readonly { readonly at: number; readonly label: string }[]
  readonly logX?: boolean
  readonly logY?: boolean
}

/** Thrown by a case that cannot be run here; the message says why. */
export class Skipped extends Error {}
