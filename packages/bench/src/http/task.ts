import type { Measurement } from '../harness/index.ts'

/** Gets of keys that a peer has in memory and this process has not: so many under way at once, of values so long. */
export interface Task {
  readonly inFlight: number
  readonly valueBytes: number
}

/** What does a task and says how fast, whatever it is written in. */
export type Contestant = (task: Task) => Promise<Measurement>

/** How many different keys are asked for. */
export const KEYS = 10_000

/** A key of 16 characters. */
export function keyOf(number: number): string {
  return `user:${10_000_000_000 + number}`
}

/** The value of every key: text, since that is what the clients give back. */
export function textOf(task: Pick<Task, 'valueBytes'>): string {
  return 'x'.repeat(task.valueBytes)
}
