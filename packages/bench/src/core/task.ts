import { seededRandom } from '../harness/index.ts'

/** Gets of keys that are all in memory, one after the other, each awaited. */
export interface WarmTask {
  readonly kind: 'warm'
  readonly keys: readonly string[]
  /** Which key each get is for. */
  readonly order: readonly number[]
  /** Is each key a string that has never been looked up? V8 keeps the hash of one that has. */
  readonly isFresh: boolean
}

/** Gets of a key that is not in memory, so many at once. */
export interface ColdTask {
  readonly kind: 'cold'
  readonly callers: number
}

export type Task = WarmTask | ColdTask

/** What does a task and says how fast, whatever language it is written in. */
export type Contestant = (task: Task) => Measurement | Promise<Measurement>

/** What was measured: millions of gets and peeks a second, microseconds until all callers of a cold key have it. */
export interface Measurement extends Readonly<Record<string, number>> {}

const GETS = 100_000

export function warm(keyCount: number, { isFresh = false }: { isFresh?: boolean } = {}): WarmTask {
  const random = seededRandom(1)
  return {
    kind: 'warm',
    keys: Array.from({ length: keyCount }, (_, k) => keyOf(k)),
    order: Array.from({ length: GETS }, () => Math.floor(random() * keyCount)),
    isFresh,
  }
}

/** A key of 16 characters in one piece: V8 joins strings of 13 or more only when something looks into them. */
export function keyOf(number: number): string {
  const key = `user:${10_000_000_000 + number}`
  Number(key)
  return key
}
