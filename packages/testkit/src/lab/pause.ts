import { realTime } from '../proxy/scheduler.ts'
import { nowMs } from './samples.ts'

/** Lets traffic or a fault go on for a while. */
export function pause(ms: number): Promise<void> {
  return realTime.wait(ms)
}

/** Waits until something holds, as shown by asking again and again; the milliseconds it took, or Infinity. */
export async function until(holds: () => Promise<boolean> | boolean, longestMs: number): Promise<number> {
  const began = nowMs()
  while (!(await holds())) {
    if (nowMs() - began > longestMs) return Number.POSITIVE_INFINITY
    await pause(5)
  }
  return nowMs() - began
}

/** A door that opens once. */
export class Gate {
  readonly opened: Promise<void>
  open: () => void = () => {}

  constructor() {
    this.opened = new Promise((resolve) => {
      this.open = resolve
    })
  }
}
