import { describe, expect, it, vi } from 'vitest'
import { LoadGate } from './load-gate.ts'

const nobody = new AbortController().signal

/** Loads that end when told to. */
function loads(gate: LoadGate) {
  const begun: string[] = []
  const ends = new Map<string, (error?: Error) => void>()
  const run = (name: string, signal: AbortSignal = nobody) =>
    gate.run(signal, () => {
      begun.push(name)
      return new Promise<string>((resolve, reject) => {
        ends.set(name, (error) => (error === undefined ? resolve(name) : reject(error)))
      })
    })
  return { begun, run, end: (name: string, error?: Error) => ends.get(name)?.(error) }
}

describe('LoadGate', () => {
  it('lets so many through at a time, and the others in the order they came', async () => {
    const { begun, run, end } = loads(new LoadGate({ maxConcurrent: 2, maxQueued: 10 }))
    const all = ['a', 'b', 'c', 'd'].map((name) => run(name))
    expect(begun).toEqual(['a', 'b'])
    end('b')
    await all[1]
    expect(begun).toEqual(['a', 'b', 'c'])
    end('a')
    await all[0]
    end('c')
    end('d')
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd'])
  })

  it('goes on after a load that failed', async () => {
    const { begun, run, end } = loads(new LoadGate({ maxConcurrent: 1, maxQueued: 10 }))
    const [first, second] = [run('a'), run('b')]
    end('a', new Error('no'))
    await expect(first).rejects.toThrow('no')
    expect(begun).toEqual(['a', 'b'])
    end('b')
    await second
  })

  it('turns away at once whoever finds the line full', async () => {
    const { run, end } = loads(new LoadGate({ maxConcurrent: 1, maxQueued: 1 }))
    const [first, second] = [run('a'), run('b')]
    await expect(run('c')).rejects.toMatchObject({
      code: 'overloaded',
      message: '1 loads are running and 1 wait already',
    })
    end('a')
    await first
    end('b')
    await second
  })

  it('forgets who leaves the line', async () => {
    const { begun, run, end } = loads(new LoadGate({ maxConcurrent: 1, maxQueued: 1 }))
    const first = run('a')
    const leaver = new AbortController()
    const leaving = run('b', leaver.signal)
    leaver.abort(new Error('left'))
    await expect(leaving).rejects.toThrow('left')
    const third = run('c')
    end('a')
    await first
    expect(begun).toEqual(['a', 'c'])
    end('c')
    await third
  })

  it('gives the place of a load that outlived its time limit to the next, once, and leaves no timer', async () => {
    vi.useFakeTimers()
    const { begun, run, end } = loads(new LoadGate({ maxConcurrent: 1, maxQueued: 10, limitMs: 100 }))
    // That its callers have left makes no room: it may still be at work.
    const caller = new AbortController()
    const first = run('a', caller.signal)
    const [second, third] = [run('b'), run('c')]
    caller.abort(new Error('left'))
    await vi.advanceTimersByTimeAsync(99)
    expect(begun).toEqual(['a'])
    await vi.advanceTimersByTimeAsync(1)
    expect(begun).toEqual(['a', 'b'])
    end('a')
    await first
    expect(begun).toEqual(['a', 'b'])
    end('b')
    await second
    expect(vi.getTimerCount()).toBe(1)
    end('c')
    await third
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  it('turns away who is in line, and who would have to wait later, when it is closed', async () => {
    vi.useFakeTimers()
    const gate = new LoadGate({ maxConcurrent: 1, maxQueued: 10, limitMs: 100 })
    const { begun, run, end } = loads(gate)
    const [first, second] = [run('a'), run('b')]
    gate.close(new Error('closed'))
    await expect(second).rejects.toThrow('closed')
    await expect(run('c')).rejects.toThrow('closed')
    expect(vi.getTimerCount()).toBe(0)
    end('a')
    expect(await first).toBe('a')
    const third = run('c')
    expect(vi.getTimerCount()).toBe(0)
    end('c')
    expect(await third).toBe('c')
    expect(begun).toEqual(['a', 'c'])
    vi.useRealTimers()
  })

  it('does not run what was let in as its caller left', async () => {
    const { begun, run, end } = loads(new LoadGate({ maxConcurrent: 1, maxQueued: 10 }))
    const caller = new AbortController()
    const [first, second, third] = [run('a'), run('b', caller.signal), run('c')]
    end('a')
    // One turn of microtasks on, the place is given to b, which has yet to take it.
    await Promise.resolve().then(() => caller.abort(new Error('left')))
    await expect(second).rejects.toThrow('left')
    await first
    await vi.waitFor(() => expect(begun).toEqual(['a', 'c']))
    end('c')
    await third
  })

  it('leaves no listener behind', async () => {
    const { run, end } = loads(new LoadGate({ maxConcurrent: 1, maxQueued: 10 }))
    const caller = new AbortController()
    const [add, remove] = [
      vi.spyOn(caller.signal, 'addEventListener'),
      vi.spyOn(caller.signal, 'removeEventListener'),
    ]
    const [first, second] = [run('a', caller.signal), run('b', caller.signal)]
    end('a')
    await first
    end('b')
    await second
    expect(remove.mock.calls.length).toBe(add.mock.calls.length)
  })

  it('keeps its places for those who are there: none is lost when one goes as another comes', async () => {
    const { begun, run, end } = loads(new LoadGate({ maxConcurrent: 1, maxQueued: 10 }))
    const [first, second] = [run('a'), run('b')]
    end('a')
    const third = run('c')
    await first
    const fourth = run('d')
    expect(begun).toEqual(['a', 'b'])
    end('b')
    await second
    expect(begun).toEqual(['a', 'b', 'c'])
    end('c')
    await third
    end('d')
    await fourth
    expect(begun).toEqual(['a', 'b', 'c', 'd'])
  })
})
