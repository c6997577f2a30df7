import { describe, expect, it, vi } from 'vitest'
import { FencedFlights, type Pass } from './fenced-flights.ts'

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
