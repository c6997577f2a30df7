import { describe, expect, it, vi } from 'vitest'
import { FencedFlights, type Landing, type Pass } from './fenced-flights.ts'

function deferred<T>() {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

/** A run that ends when told to, and the pass it was given. */
function heldRun(flights: FencedFlights<string>, key: string) {
  const { promise, resolve } = deferred<string>()
  let pass: Pass | undefined
  const result = flights.do(
    key,
    (given) => {
      pass = given
      return promise
    },
    undefined,
  )
  return { result, resolve, pass: () => (pass as Pass).valid }
}

describe('FencedFlights', () => {
  it('shares a run among those who ask before a fence, and starts anew after it', async () => {
    const flights = new FencedFlights<string>()
    const first = heldRun(flights, 'Tom')
    const run = vi.fn(async () => 'unused')
    const joined = flights.do('Tom', run, undefined)
    expect(run).not.toHaveBeenCalled()
    flights.fence('Tom')
    expect(flights.has('Tom')).toBe(false)
    expect(await flights.do('Tom', async () => 'new', undefined)).toBe('new')
    first.resolve('old')
    expect(await Promise.all([first.result, joined])).toEqual(['old', 'old'])
  })

  it('takes the pass from every run of a fenced key, and from no other', async () => {
    const flights = new FencedFlights<string>()
    const [first, other] = [heldRun(flights, 'Tom'), heldRun(flights, 'Sam')]
    flights.fence('Tom')
    const second = heldRun(flights, 'Tom')
    expect([first.pass(), second.pass(), other.pass()]).toEqual([false, true, true])
    flights.fence('Tom')
    expect([first.pass(), second.pass(), other.pass()]).toEqual([false, false, true])
    for (const run of [first, second, other]) run.resolve('done')
    await flights.landed()
  })

  it('takes the pass from all runs at once', async () => {
    const flights = new FencedFlights<string>()
    const before = [heldRun(flights, 'Tom'), heldRun(flights, 'Sam')]
    flights.fenceAll()
    const after = heldRun(flights, 'Tom')
    expect([...before, after].map((run) => run.pass())).toEqual([false, false, true])
    for (const run of [...before, after]) run.resolve('done')
    expect(await Promise.all([...before, after].map((run) => run.result))).toEqual(['done', 'done', 'done'])
  })

  it('has landed when every run has, those that were fenced too', async () => {
    const flights = new FencedFlights<string>()
    const first = heldRun(flights, 'Tom')
    flights.fenceAll()
    let landed = false
    const landing = flights.landed().then(() => {
      landed = true
    })
    await Promise.resolve()
    expect(landed).toBe(false)
    first.resolve('done')
    await landing
  })

  it('has landed after a run that failed', async () => {
    const flights = new FencedFlights<string>()
    const failed = flights.do('Tom', () => Promise.reject(new Error('no')), undefined)
    await expect(failed).rejects.toThrow('no')
    await flights.landed()
  })
})

describe('FencedFlights, of what is over', () => {
  it.each([[[0, 1]], [[1, 0]]])(
    'keeps nothing, in whichever order runs of one key come home: %j',
    async (order) => {
      const flights = new FencedFlights<string>()
      const runs = [0, 1].map(() => {
        flights.fence('Tom')
        return heldRun(flights, 'Tom')
      })
      expect(runs.map((run) => run.pass())).toEqual([false, true])
      for (const which of order) {
        expect(flights.size).toBe(1)
        runs[which]?.resolve('done')
        await runs[which]?.result
      }
      await flights.landed()
      expect(flights.size).toBe(0)
    },
  )

  it.each([[0], [1], [2]])(
    'still ends the other runs of a key at close when run %i has come home',
    async (which) => {
      const flights = new FencedFlights<string>()
      const runs = [0, 1, 2].map(() => {
        flights.fence('Tom')
        return heldRun(flights, 'Tom')
      })
      runs[which]?.resolve('done')
      await runs[which]?.result
      const outcomes = Promise.allSettled(runs.map(({ result }) => result))
      flights.close(new Error('closed'))
      const expected = [0, 1, 2].map((i) => ({ status: i === which ? 'fulfilled' : 'rejected' }))
      expect(await outcomes).toMatchObject(expected)
    },
  )

  it('still fences a run when an older one of its key has come home', async () => {
    const flights = new FencedFlights<string>()
    const older = heldRun(flights, 'Tom')
    flights.fenceAll()
    const run = heldRun(flights, 'Tom')
    older.resolve('done')
    await older.result
    flights.fence('Tom')
    expect(run.pass()).toBe(false)
    run.resolve('done')
    await flights.landed()
  })

  it('is not confused by a run that says twice that it is over', async () => {
    const flights = new FencedFlights<string>()
    const landings: Landing<string>[] = []
    const begin = (key: string) => flights.begin(key, (landing) => landings.push(landing), undefined)
    const tom = begin('Tom')
    landings[0]?.succeed('630')
    // In the place that Tom had.
    const sams = [begin('Sam')]
    for (let i = 0; i < 2; i++) {
      flights.fence('Sam')
      sams.push(begin('Sam'))
    }
    const tomAgain = begin('Tom')
    landings[0]?.fail(new Error('too late'))
    expect([flights.has('Tom'), flights.has('Sam')]).toEqual([true, true])
    landings[4]?.succeed('631')
    for (const i of [2, 1, 2, 3]) landings[i]?.succeed('567')
    expect(await Promise.all([tom, tomAgain, ...sams])).toEqual(['630', '631', '567', '567', '567'])
    expect(flights.size).toBe(0)
  })

  it('takes the pass from a run that everybody has left: a newer one may end before it', async () => {
    const flights = new FencedFlights<string>()
    const caller = new AbortController()
    let pass: Pass | undefined
    const left = flights.do(
      'Tom',
      (given) => {
        pass = given
        return new Promise<string>(() => {})
      },
      caller.signal,
    )
    caller.abort(new Error('left'))
    await expect(left).rejects.toThrow('left')
    expect(pass?.valid).toBe(false)
  })

  it('waits for nobody’s run, and for the last of several', async () => {
    const flights = new FencedFlights<string>()
    const caller = new AbortController()
    const left = flights.do('left', () => new Promise<string>(() => {}), caller.signal)
    caller.abort(new Error('left'))
    await expect(left).rejects.toThrow('left')
    await flights.landed()
    const [first, second] = [heldRun(flights, 'Tom'), heldRun(flights, 'Sam')]
    let landed = false
    const landing = flights.landed().then(() => {
      landed = true
    })
    first.resolve('done')
    await first.result
    expect(landed).toBe(false)
    second.resolve('done')
    await landing
  })
})

describe('FencedFlights, closed', () => {
  it('ends its runs, aborts their signals, and begins no more', async () => {
    const flights = new FencedFlights<string>()
    let signal: AbortSignal | undefined
    const run = flights.do(
      'Tom',
      (pass) => {
        signal = pass.signal
        return new Promise<string>(() => {})
      },
      undefined,
    )
    const begin = vi.fn(async () => 'unused')
    flights.close(new Error('closed'))
    await expect(run).rejects.toThrow('closed')
    expect(signal?.aborted).toBe(true)
    await expect(flights.do('Sam', begin, undefined)).rejects.toThrow('closed')
    expect(begin).not.toHaveBeenCalled()
    await flights.landed()
  })

  it('leaves no listener on the signal of a caller who stays', async () => {
    const flights = new FencedFlights<string>()
    const signals: AbortSignal[] = []
    const caller = new AbortController()
    const add = vi.spyOn(AbortSignal.prototype, 'addEventListener')
    const remove = vi.spyOn(AbortSignal.prototype, 'removeEventListener')
    await flights.do('Tom', async ({ signal }) => `${signals.push(signal)}`, caller.signal)
    expect(remove.mock.calls.length).toBe(add.mock.calls.length)
    vi.restoreAllMocks()
  })
})
