import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Deadlines, type Mortal } from './deadlines.ts'

let deadlines: Deadlines
let expired: string[]
beforeEach(() => {
  vi.useFakeTimers()
  deadlines = new Deadlines(1000)
  expired = []
})
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

function begin(name: string, expire: () => void = () => {}): Mortal {
  const mortal: Mortal = {
    deadlineMs: 0,
    earlier: undefined,
    later: undefined,
    expire: () => {
      expired.push(name)
      expire()
    },
  }
  deadlines.add(mortal)
  return mortal
}

describe('Deadlines', () => {
  it('ends each after its time, with one timer', () => {
    begin('a')
    vi.advanceTimersByTime(400)
    begin('b')
    begin('c')
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(599)
    expect(expired).toEqual([])
    vi.advanceTimersByTime(1)
    expect(expired).toEqual(['a'])
    vi.advanceTimersByTime(399)
    expect(expired).toEqual(['a'])
    vi.advanceTimersByTime(1)
    expect(expired).toEqual(['a', 'b', 'c'])
  })

  it.each([0, 1, 2])('does not end what ended by itself, number %i of three', (which) => {
    const all = ['a', 'b', 'c'].map((name) => begin(name))
    deadlines.delete(all[which] as Mortal)
    vi.advanceTimersByTime(1000)
    expect(expired).toEqual(['a', 'b', 'c'].filter((_, i) => i !== which))
  })

  it('leaves no timer when all have ended, and starts one for the next', () => {
    const all = ['a', 'b', 'c'].map((name) => begin(name))
    for (const one of all) deadlines.delete(one)
    expect(vi.getTimerCount()).toBe(0)
    begin('d')
    vi.advanceTimersByTime(1000)
    expect(expired).toEqual(['d'])
  })

  it('may be told twice that something has ended, or that ended at its deadline', () => {
    const a = begin('a')
    const b = begin('b')
    deadlines.delete(a)
    deadlines.delete(a)
    vi.advanceTimersByTime(1000)
    expect(expired).toEqual(['b'])
    const c = begin('c')
    deadlines.delete(b)
    deadlines.delete(a)
    expect(vi.getTimerCount()).toBe(1)
    deadlines.delete(c)
  })

  it('bears that one which expires begins another, and ends a third', () => {
    const rest: Mortal[] = []
    begin('a', () => {
      begin('d')
      deadlines.delete(rest[0] as Mortal)
    })
    rest.push(begin('b'))
    begin('c')
    vi.advanceTimersByTime(1000)
    expect(expired).toEqual(['a', 'c'])
    vi.advanceTimersByTime(1000)
    expect(expired).toEqual(['a', 'c', 'd'])
  })

  it('tells how much time is left, never less than a millisecond', () => {
    const a = begin('a')
    expect(deadlines.leftMs(a)).toBe(1000)
    vi.advanceTimersByTime(250)
    expect(deadlines.leftMs(a)).toBe(750)
    vi.setSystemTime(Date.now() + 3_600_000) // the wall clock says nothing
    expect(deadlines.leftMs(a)).toBe(750)
    vi.advanceTimersByTime(750)
    expect(deadlines.leftMs(a)).toBe(1)
  })

  it('is not upset by a timer that fires early', () => {
    let now = 0
    deadlines = new Deadlines(1000, () => now)
    begin('a')
    now = 999.5
    vi.advanceTimersByTime(1000)
    expect(expired).toEqual(['a'])
    begin('b')
    now += 500
    vi.advanceTimersByTime(1000)
    expect(expired).toEqual(['a'])
    now += 500
    vi.advanceTimersByTime(500)
    expect(expired).toEqual(['a', 'b'])
  })

  it('says when nobody waits any more', async () => {
    const idle = vi.fn()
    await deadlines.idle()
    const a = begin('a')
    begin('b')
    void deadlines.idle().then(idle)
    void deadlines.idle().then(idle)
    deadlines.delete(a)
    await vi.advanceTimersByTimeAsync(999)
    expect(idle).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(idle).toHaveBeenCalledTimes(2)
  })
})
