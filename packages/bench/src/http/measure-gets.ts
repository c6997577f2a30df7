import type { Measurement } from '../harness/index.ts'
import { keepClientToItsCore } from './cores.ts'
import { KEYS, keyOf, type Task, textOf } from './task.ts'

/** A client of some cache: gives one value, or many at once. */
export interface Client {
  readonly keys?: readonly string[]
  get?(key: string): Promise<unknown>
  getMany?(keys: string[]): Promise<ArrayLike<unknown>>
}

export const allKeys: readonly string[] = Array.from({ length: KEYS }, (_, i) => keyOf(i))

// As long as the optimizing compilers need, here and in the servers, even with one get at a time.
const warmupMs = 3000
const measuredMs = 1500
// Each look at the clock takes a part of the time that is measured.
const sampled = 16

/** Asks as the task says for a while. The client looks at no value but the first, which must be right. */
export async function measureGets(client: Client, task: Task): Promise<Measurement> {
  keepClientToItsCore()
  const { keys = allKeys } = client
  await check(client, keys[0] as string, textOf(task))
  await run(client, keys, task, warmupMs)
  return run(client, keys, task, measuredMs)
}

async function check({ get, getMany }: Client, key: string, expected: string): Promise<void> {
  const value = get === undefined ? (await getMany?.([key]))?.[0] : await get(key)
  const text = Buffer.isBuffer(value) ? value.toString() : value
  if (text !== expected) throw new Error(`expected a value of ${expected.length} characters, got ${text}`)
}

async function run(
  { get, getMany }: Client,
  keys: readonly string[],
  { inFlight }: Task,
  forMs: number,
): Promise<Measurement> {
  const latencies: number[] = []
  const start = performance.now()
  const end = start + forMs
  let gets = 0
  let isOver = false
  let next = 0
  const nextKey = () => {
    next = (next + 7919) % keys.length
    return keys[next] as string
  }
  const askOne = async (ask: (key: string) => Promise<unknown>) => {
    while (!isOver) {
      if (++gets % sampled > 0 && inFlight > 1) {
        await ask(nextKey())
        continue
      }
      const begin = performance.now()
      await ask(nextKey())
      const now = performance.now()
      latencies.push(now - begin)
      isOver ||= now > end
    }
  }
  const askMany = async (ask: (keys: string[]) => Promise<unknown>) => {
    for (let now = performance.now(); now < end; ) {
      await ask(Array.from({ length: inFlight }, nextKey))
      gets += inFlight
      const begin = now
      now = performance.now()
      latencies.push(now - begin)
    }
  }
  if (getMany !== undefined) await askMany(getMany)
  else if (get !== undefined) await Promise.all(Array.from({ length: inFlight }, () => askOne(get)))
  const seconds = (performance.now() - start) / 1000
  latencies.sort((a, b) => a - b)
  const quantile = (q: number) => 1000 * (latencies[Math.floor(q * latencies.length)] as number)
  return { get: gets / seconds / 1000, p50: quantile(0.5), p99: quantile(0.99) }
}
