import { describe, expect, it } from 'vitest'
import { ManualTime, realTime, turn } from './scheduler.ts'

describe('ManualTime', () => {
  it('lets those go on whose time has come, in order', async () => {
    const time = new ManualTime()
    const order: string[] = []
    void time.wait(20).then(() => order.push('second'))
    void time.wait(10).then(() => order.push('first'))
    void time.wait(31).then(() => order.push('late'))
    await time.advance(30)
    expect([order, time.now, time.waiting]).toEqual([['first', 'second'], 30, 1])
  })

  it('goes on with those who wait again', async () => {
    const time = new ManualTime()
    const at: number[] = []
    void (async () => {
      for (let i = 0; i < 3; i++) {
        await time.wait(10)
        at.push(time.now)
      }
    })()
    await time.advance(25)
    expect(at).toEqual([10, 20])
  })

  it('lets who waits leave', async () => {
    const time = new ManualTime()
    const leave = new AbortController()
    const left = time.wait(10, leave.signal).catch((reason) => reason)
    leave.abort('enough')
    expect(await left).toBe('enough')
    expect(time.waiting).toBe(0)
    await expect(time.wait(10, leave.signal)).rejects.toBe('enough')
  })
})

describe('real time', () => {
  it('passes by itself, and lets who waits leave', async () => {
    await realTime.wait(1)
    const leave = new AbortController()
    const left = realTime.wait(1e6, leave.signal).catch((reason) => reason)
    await turn()
    leave.abort('enough')
    expect(await left).toBe('enough')
    await expect(realTime.wait(1, leave.signal)).rejects.toBe('enough')
  })
})
