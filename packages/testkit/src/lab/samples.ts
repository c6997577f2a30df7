import type { Sample } from '../control.ts'

/** What became of some traffic. */
export class Samples {
  readonly all: readonly Sample[]

  constructor(lists: Iterable<readonly Sample[]>) {
    this.all = [...lists].flat().sort((a, b) => a[0] - b[0])
  }

  /** Gets that did not end with a value of their key. */
  get failed(): readonly Sample[] {
    return this.all.filter(([, , outcome]) => outcome !== 'ok')
  }

  /** How often each way of failing occurred, as text. */
  get complaints(): string {
    const counts = new Map<string, number>()
    for (const [, , outcome] of this.failed) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
    return [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ')
  }

  /** Those that began in a part of the time, ms since the epoch. */
  between(from: number, to: number): Samples {
    return new Samples([this.all.filter(([beganAt]) => beganAt >= from && beganAt < to)])
  }

  get slowestMs(): number {
    return this.all.reduce((most, [, ms]) => Math.max(most, ms), 0)
  }

  /** The time that a part of them, such as 0.99, took at most. */
  quantileMs(part: number): number {
    const sorted = this.all.map(([, ms]) => ms).sort((a, b) => a - b)
    return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0
  }

  /** Milliseconds over seconds since `start`, for a plot. */
  points(start: number): readonly (readonly [number, number])[] {
    return this.all.map(([beganAt, ms]) => [(beganAt - start) / 1000, ms])
  }
}

/** Milliseconds since the epoch, by the clock that samples are stamped with. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now()
}
