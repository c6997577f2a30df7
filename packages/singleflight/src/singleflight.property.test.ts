import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Deferred, deferred } from '../test/deferred.ts'
import { SingleFlight } from './index.ts'

// Random calls, departures, ticks of the clock, forgotten keys and outcomes, in an order picked by the scheduler, beside
// a model that knows at every moment who waits for which run. A burst is what happens in one tick of the event loop,
// so that callers also come and go between the moment when work settles and the one when its callers hear of it.

/** One call of a function that was given to do, doShared or doMany. */
interface Work {
  readonly signal: AbortSignal
  /** What its callers wait for, by key: one flight for do and doShared, several for doMany. */
  readonly flights: Map<string, ModelFlight>
  readonly settle: (succeeds: boolean) => void
  state: 'flying' | 'landing' | 'over'
}

interface ModelFlight {
  readonly startedAt: number
  readonly waiting: Set<Caller>
  outcome: PromiseSettledResult<string> | undefined
  got: number
}

interface Caller {
  readonly controller: AbortController | undefined
  readonly how: 'do' | 'doShared' | 'doMany'
  readonly keys: readonly string[]
  readonly flights: Map<string, ModelFlight>
  readonly outcomes: unknown[]
  left: boolean
}

const maxAgeMs = 10
const keyArb = fc.constantFrom('a', 'b', 'c')
const indexArb = fc.nat({ max: 9 })
const actionArb = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('call' as const),
      how: fc.constantFrom('do' as const, 'doShared' as const, 'doMany' as const),
      keys: fc.array(keyArb, { minLength: 1, maxLength: 4 }),
      leaves: fc.constantFrom('never' as const, 'perhaps' as const, 'before' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('leave' as const), index: indexArb }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('settle' as const), index: indexArb, succeeds: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('forget' as const), key: keyArb }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('tick' as const), ms: fc.nat({ max: 8 }) }) },
)
type Action = typeof actionArb extends fc.Arbitrary<infer T> ? T : never

/** SingleFlight and its model, moved step by step. */
class World {
  time = 0
  readonly flights = new SingleFlight<string, string>({ maxAgeMs, now: () => this.time })
  readonly current = new Map<string, ModelFlight>()
  readonly works: Work[] = []
  readonly callers: Caller[] = []

  act(action: Action): void {
    if (action.type === 'tick') this.time += action.ms
    else if (action.type === 'forget') this.forget(action.key)
    else if (action.type === 'call') this.call(action)
    else if (action.type === 'leave') this.leave(action.index)
    else this.settle(action.index, action.succeeds)
    this.check()
  }

  forget(key: string): void {
    expect(this.flights.forget(key)).toBe(this.current.delete(key))
  }

  call({ how, keys, leaves }: Extract<Action, { type: 'call' }>): void {
    const controller = leaves === 'never' ? undefined : new AbortController()
    if (leaves === 'before') controller?.abort(new Error('left before'))
    const wanted = how === 'doMany' ? [...new Set(keys)] : keys.slice(0, 1)
    const caller: Caller = {
      controller,
      how,
      keys,
      flights: new Map(),
      outcomes: [],
      left: leaves === 'before',
    }
    this.callers.push(caller)

    // What the model expects to be started.
    const fresh = wanted.filter((key) => {
      const flight = this.current.get(key)
      return leaves !== 'before' && (!flight || this.time - flight.startedAt > maxAgeMs)
    })
    const runsBefore = this.works.length
    this.start(caller, fresh).then(
      (value) => caller.outcomes.push({ value }),
      (reason) => caller.outcomes.push({ reason }),
    )
    expect(this.works.length - runsBefore).toBe(fresh.length > 0 ? 1 : 0)

    if (caller.left) return
    for (const key of wanted) {
      const flight = this.current.get(key) as ModelFlight
      flight.waiting.add(caller)
      caller.flights.set(key, flight)
    }
  }

  start(caller: Caller, fresh: string[]): Promise<unknown> {
    const [key = ''] = caller.keys
    const options = { signal: caller.controller?.signal }
    if (caller.how === 'doMany') {
      const fn = (keys: string[], signal: AbortSignal) => {
        expect(keys).toEqual(fresh)
        const answer = deferred<(string | Error)[]>()
        const answers = keys.map((key, i) =>
          i % 2 ? new Error(`no ${key}`) : `${key} of run ${this.works.length}`,
        )
        this.run(signal, keys, answer, answers, answers)
        return answer.promise
      }
      return this.flights.doMany(caller.keys, fn, options)
    }
    const fn = (signal: AbortSignal) => {
      const answer = deferred()
      const value = `${key} of run ${this.works.length}`
      this.run(signal, [key], answer, value, [value])
      return answer.promise
    }
    return this.flights[caller.how](key, fn, options)
  }

  /** A function was called, and will answer with `answer`, which means `outcomes` for its keys. */
  run<T>(
    signal: AbortSignal,
    keys: string[],
    answer: Deferred<T>,
    value: T,
    outcomes: (string | Error)[],
  ): void {
    const failure = new Error(`run ${this.works.length} failed`)
    const flights = new Map(
      keys.map((key) => [
        key,
        { startedAt: this.time, waiting: new Set<Caller>(), outcome: undefined, got: 0 },
      ]),
    ) as Work['flights']
    for (const [key, flight] of flights) this.current.set(key, flight)
    const settle = (succeeds: boolean) => {
      for (const [i, flight] of [...flights.values()].entries()) {
        const outcome = succeeds ? outcomes[i] : failure
        flight.outcome =
          typeof outcome === 'string'
            ? { status: 'fulfilled', value: outcome }
            : { status: 'rejected', reason: outcome }
      }
      if (succeeds) answer.resolve(value)
      else answer.reject(failure)
    }
    this.works.push({ signal, flights, settle, state: 'flying' })
  }

  leave(index: number): void {
    const staying = this.callers.filter(({ controller, left }) => controller && !left)
    const caller = staying[index % staying.length]
    if (!caller) return
    caller.left = [...caller.flights.values()].some((flight) => flight.waiting.has(caller))
    for (const flight of caller.flights.values()) {
      if (flight.waiting.delete(caller) && flight.waiting.size === 0) this.close(flight)
    }
    caller.controller?.abort(new Error('left'))
  }

  settle(index: number, succeeds: boolean): void {
    const flying = this.works.filter(({ state }) => state === 'flying')
    const work = flying[index % flying.length]
    if (!work) return
    work.state = 'landing'
    work.settle(succeeds)
  }

  /** The end of a tick: what has settled reaches those who still wait. */
  land(): void {
    for (const work of this.works.filter(({ state }) => state === 'landing')) {
      work.state = 'over'
      for (const flight of work.flights.values()) {
        flight.got = flight.waiting.size
        flight.waiting.clear()
        this.close(flight)
      }
    }
    this.check()
  }

  close(flight: ModelFlight): void {
    for (const [key, current] of this.current) if (current === flight) this.current.delete(key)
  }

  check(): void {
    expect(this.flights.size).toBe(this.current.size)
    for (const key of ['a', 'b', 'c']) {
      expect(this.flights.has(key)).toBe(this.current.has(key))
      expect(this.flights.waiters(key)).toBe(this.current.get(key)?.waiting.size ?? 0)
    }
    for (const { signal, flights, state } of this.works) {
      if (state === 'over') continue
      expect(signal.aborted).toBe([...flights.values()].every(({ waiting }) => waiting.size === 0))
    }
  }

  /** What a caller must have got in the end, and nothing else. */
  expected({ how, keys, flights, left, controller }: Caller): unknown {
    if (left) return { reason: controller?.signal.reason }
    const outcomes = keys.map((key) => flights.get(key)?.outcome)
    if (how === 'doMany') return { value: outcomes }
    const [flight] = flights.values()
    if (flight?.outcome?.status === 'rejected') return { reason: flight.outcome.reason }
    const value = flight?.outcome?.value
    return { value: how === 'do' ? value : { value, shared: (flight?.got ?? 0) > 1 } }
  }
}

/** Lets every reaction happen that has to happen before the next tick; none takes as many turns as this. */
async function tick(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await null
}

test('each caller gets exactly one outcome, and the right one, whatever the order of events', async () => {
  const burstArb = fc.array(actionArb, { minLength: 1, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(burstArb, { maxLength: 25 }), async (scheduler, bursts) => {
      const world = new World()
      const failures: unknown[] = []
      for (const burst of bursts) {
        const perform = () => {
          for (const action of burst) world.act(action)
        }
        scheduler
          .schedule(Promise.resolve(), JSON.stringify(burst))
          .then(perform)
          .catch((failure) => failures.push(failure))
      }
      await scheduler.waitIdle(async (step) => {
        await step()
        await tick()
        world.land()
      })
      while (world.works.some(({ state }) => state === 'flying')) world.settle(0, true)
      await tick()
      world.land()

      expect(failures).toEqual([])
      expect(world.flights.size).toBe(0)
      for (const caller of world.callers) expect(caller.outcomes).toEqual([world.expected(caller)])
    }),
    { numRuns: 500 },
  )
})
