import { rate, rateAsync } from '../harness/index.ts'
import type { Load, MakeCache } from './contestants/read-through.ts'
import { type ColdTask, keyOf, type Measurement, type Task, type WarmTask } from './task.ts'

const GETS_AT_A_TIME = 5000

export function measureCache(make: MakeCache, task: Task): Promise<Measurement> {
  return task.kind === 'warm' ? measureWarm(make, task) : measureCold(make, task)
}

async function measureWarm(make: MakeCache, { keys, order, isFresh }: WarmTask): Promise<Measurement> {
  const origin = countingOrigin()
  const cache = make(origin.load)
  for (const key of keys) await cache.get(key)
  const key = isFresh ? keyOf : (k: number): string => keys[k]!

  // Some thousands of gets at a time, so that what is slow does not take long either.
  let next = 0
  const nextGets = (): readonly number[] => {
    const start = next
    next = (start + GETS_AT_A_TIME) % order.length
    return order.slice(start, start + GETS_AT_A_TIME)
  }

  const get = await rateAsync(async () => {
    const gets = nextGets()
    for (let i = 0; i < gets.length; i++) {
      if ((await cache.get(key(gets[i]!))) === undefined) throw new Error('expected a value')
    }
    return gets.length
  })
  if (origin.loads !== keys.length) throw new Error(`expected ${keys.length} loads, got ${origin.loads}`)
  if (cache.peek === undefined) return { get }

  const peek = rate(() => {
    const gets = nextGets()
    for (let i = 0; i < gets.length; i++) {
      if (cache.peek?.(key(gets[i]!)) === undefined) throw new Error('expected a value')
    }
    return gets.length
  })
  return { get, peek }
}

/** The median of many bursts, so that pauses for garbage count little. */
async function measureCold(make: MakeCache, { callers }: ColdTask): Promise<Measurement> {
  const origin = countingOrigin()
  const cache = make(origin.load)
  let bursts = 0
  const burst = async (): Promise<number> => {
    const key = keyOf(bursts++)
    const calls = new Array<Promise<unknown>>(callers)
    const start = performance.now()
    for (let i = 0; i < callers; i++) calls[i] = cache.get(key)
    await Promise.all(calls)
    return performance.now() - start
  }
  for (const end = performance.now() + 500; performance.now() < end; ) await burst()
  const times: number[] = []
  for (const end = performance.now() + 1000; performance.now() < end; ) times.push(await burst())
  if (origin.loads !== bursts) throw new Error(`expected ${bursts} loads, got ${origin.loads}`)
  return { cold: 1000 * times.sort((a, b) => a - b)[times.length >> 1]! }
}

/** An origin that answers in a later microtask with some 100 bytes of JSON, and counts. */
function countingOrigin(): { readonly load: Load; readonly loads: number } {
  const counter = { loads: 0 }
  const load: Load = async (key) => {
    counter.loads++
    await undefined
    return {
      id: key,
      name: 'Jane Roe',
      email: 'jane.roe@example.com',
      visits: counter.loads,
      tags: ['a', 'b'],
    }
  }
  return {
    load,
    get loads() {
      return counter.loads
    },
  }
}
