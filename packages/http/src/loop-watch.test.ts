import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LoopWatch } from './loop-watch.ts'

let now: number
let watch: LoopWatch
beforeEach(() => {
  vi.useFakeTimers()
  now = 0
  watch = new LoopWatch(() => now)
  watch.start()
})
afterEach(() => {
  watch.stop()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

/** Time passes, and the loop goes round. */
function live(ms: number): void {
  for (let i = 0; i < ms; i += 10) {
    now += 10
    vi.advanceTimersByTime(10)
  }
}

/** Time passes, and nothing happens. */
function stall(ms: number): void {
  now += ms
}

describe('LoopWatch', () => {
  it('sees nothing in a process that is busy as usual', () => {
    live(1000)
    stall(50)
    expect(watch.isLate).toBe(false)
    live(1000)
    expect(watch.wasLateSince(0)).toBe(false)
  })

  it('is late as soon as the process is back, before any timer has fired', () => {
    live(1000)
    stall(2000)
    expect(watch.isLate).toBe(true)
    expect(watch.wasLateSince(now)).toBe(true)
  })

  it('remembers, for what began before, and not for what began after', () => {
    live(1000)
    const before = now
    stall(2000)
    vi.advanceTimersByTime(50)
    expect(watch.isLate).toBe(false)
    const after = now
    live(1000)
    expect(watch.wasLateSince(before)).toBe(true)
    expect(watch.wasLateSince(after + 1)).toBe(false)
  })

  it('catches up for some rounds of the loop after its timer has seen that it was away', () => {
    live(1000)
    expect(watch.isCatchingUp).toBe(false)
    stall(2000)
    expect(watch.isCatchingUp).toBe(true)
    // The timer's look comes first in the round; the sockets are read after it.
    vi.advanceTimersToNextTimer()
    expect([watch.isLate, watch.isCatchingUp]).toEqual([false, true])
    for (let round = 0; round < 2; round++) {
      vi.advanceTimersToNextTimer()
      expect(watch.isCatchingUp).toBe(true)
    }
    vi.advanceTimersToNextTimer()
    expect(watch.isCatchingUp).toBe(false)
  })

  it('may be started twice, and does not count the time in which it was stopped', () => {
    watch.start()
    expect(vi.getTimerCount()).toBe(1)
    watch.stop()
    stall(60_000)
    expect(watch.isLate).toBe(false)
    watch.start()
    expect(watch.isLate).toBe(false)
    live(100)
    expect(watch.wasLateSince(0)).toBe(false)
  })

  it('does not keep a process alive', () => {
    vi.useRealTimers()
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const before = timers()
    const other = new LoopWatch()
    other.start()
    expect(timers()).toBe(before)
    other.stop()
    vi.useFakeTimers()
  })
})
