import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Breaker } from './breaker.ts'

const options = { hardFailures: 2, softFailures: 5, minDelayMs: 200, maxDelayMs: 1000 }
let chance: number
let mayOpen: boolean
/** Settles the probes, oldest first. */
let probes: ((answers: boolean) => void)[]
let probed: number
let breaker: Breaker

beforeEach(() => {
  vi.useFakeTimers()
  chance = 0
  vi.spyOn(Math, 'random').mockImplementation(() => chance)
  mayOpen = true
  probes = []
  probed = 0
  breaker = new Breaker(
    options,
    () => mayOpen,
    () => {
      probed++
      return new Promise((resolve) => probes.push(resolve))
    },
  )
})
afterEach(() => {
  breaker.end()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

function fail(failure: 'hard' | 'soft', times: number): void {
  for (let i = 0; i < times; i++) breaker.fail(failure)
}

async function answer(answers: boolean): Promise<void> {
  probes.shift()?.(answers)
  await vi.advanceTimersByTimeAsync(0)
}

describe('Breaker', () => {
  it.each([
    ['hard', 2],
    ['soft', 5],
  ] as const)('leaves a peer alone after so many %s failures in a row', (failure, times) => {
    fail(failure, times - 1)
    expect(breaker.isOpen).toBe(false)
    breaker.succeed()
    fail(failure, times - 1)
    expect(breaker.isOpen).toBe(false)
    fail(failure, 1)
    expect(breaker.isOpen).toBe(true)
  })

  it('counts the two kinds apart', () => {
    fail('hard', 1)
    fail('soft', 4)
    expect(breaker.isOpen).toBe(false)
    fail('hard', 1)
    expect(breaker.isOpen).toBe(true)
  })

  it('leaves a peer alone at once that says it is leaving', () => {
    breaker.open()
    expect(breaker.isOpen).toBe(true)
  })

  it('probes, with growing intervals up to the longest, until the peer answers', async () => {
    breaker.open()
    const waits: number[] = []
    for (let i = 0; i < 5; i++) {
      const before = Date.now()
      while (probes.length === 0) await vi.advanceTimersByTimeAsync(1)
      waits.push(Date.now() - before)
      await answer(false)
      expect(breaker.isOpen).toBe(true)
    }
    expect(waits).toEqual([200, 400, 800, 1000, 1000])
    await vi.advanceTimersByTimeAsync(1000)
    await answer(true)
    expect(breaker.isOpen).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('waits up to half as long again, at random, so that not all peers come back at once', async () => {
    chance = 0.5
    breaker.open()
    await vi.advanceTimersByTimeAsync(249)
    expect(probed).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(probed).toBe(1)
    await answer(false)
    chance = 1 - Number.EPSILON
    // The interval itself was chosen before.
    await vi.advanceTimersByTimeAsync(500)
    expect(probed).toBe(2)
  })

  it('does not probe while a probe is under way', async () => {
    breaker.open()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(probed).toBe(1)
  })

  it.each([
    ['hard', 2],
    ['soft', 5],
  ] as const)(
    'opens again at the first failure of a peer that answers probes alone, and goes on with its intervals: %s (A3)',
    async (failure, times) => {
      fail(failure, times)
      for (const delayMs of [200, 400, 800, 1000]) {
        await vi.advanceTimersByTimeAsync(delayMs - 1)
        expect(probes.length).toBe(0)
        await vi.advanceTimersByTimeAsync(1)
        await answer(true)
        expect(breaker.isOpen).toBe(false)
        fail(failure, 1)
        expect(breaker.isOpen).toBe(true)
      }
    },
  )

  it('starts from the beginning once a call has succeeded', async () => {
    fail('hard', 2)
    await vi.advanceTimersByTimeAsync(200)
    await answer(false)
    await vi.advanceTimersByTimeAsync(400)
    await answer(true)
    breaker.succeed()
    fail('hard', 1)
    expect(breaker.isOpen).toBe(false)
    fail('hard', 1)
    expect(breaker.isOpen).toBe(true)
    await vi.advanceTimersByTimeAsync(200)
    expect(probed).toBe(3)
  })

  it('is closed by any call that succeeds, and probes no more', async () => {
    breaker.open()
    breaker.succeed()
    expect(breaker.isOpen).toBe(false)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(probed).toBe(0)
  })

  it('opens only if it may, and may be asked again', () => {
    mayOpen = false
    fail('hard', 10)
    breaker.open()
    expect(breaker.isOpen).toBe(false)
    mayOpen = true
    fail('hard', 1)
    expect(breaker.isOpen).toBe(true)
  })

  it('does not heed a probe of an earlier time', async () => {
    breaker.open()
    await vi.advanceTimersByTimeAsync(200)
    breaker.succeed()
    breaker.open()
    // Had it been heeded, two rounds of probes would go on, of which `end` could stop one.
    await answer(false)
    expect(vi.getTimerCount()).toBe(1)
    await vi.advanceTimersByTimeAsync(200)
    expect(probed).toBe(2)
    await answer(true)
    expect(breaker.isOpen).toBe(false)
  })

  it('ends without a timer, open or in a probe, and lets calls through from then on', async () => {
    breaker.open()
    breaker.end()
    expect(vi.getTimerCount()).toBe(0)
    expect(breaker.isOpen).toBe(false)
    fail('hard', 10)
    breaker.open()
    expect(breaker.isOpen).toBe(false)
  })

  it('ends in the middle of a probe', async () => {
    breaker.open()
    await vi.advanceTimersByTimeAsync(200)
    breaker.end()
    await answer(false)
    expect(vi.getTimerCount()).toBe(0)
    expect(breaker.isOpen).toBe(false)
  })

  it('does not keep a process alive', () => {
    vi.useRealTimers()
    const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    breaker.open()
    expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length).toBe(before)
    breaker.end()
    vi.useFakeTimers()
  })
})
