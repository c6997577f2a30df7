import { runSuite } from '../harness/index.ts'
import { contestants } from './contestants/index.ts'
import { type Contestant, type Task, warm } from './task.ts'

const tasks: Readonly<Record<string, () => Task>> = {
  'one key': () => warm(1),
  '100,000 keys, kept strings': () => warm(100_000),
  '100,000 keys, fresh strings': () => warm(100_000, { isFresh: true }),
  'a cold key': () => ({ kind: 'cold', callers: 1000 }),
}

await runSuite<Contestant>(import.meta.url, {
  name: 'core',
  about:
    'get: values that are in memory, one get after the other, each awaited, keys at random. peek: the same, synchronously. ' +
    'cold: 1,000 callers at once of a key that is not in memory, until all have the value of one load. ' +
    'With fresh strings the key is built for each get, which is part of the time; Go, which hashes every key anyway, takes no part in that.',
  baseline: 'bentocache, ttl',
  metrics: {
    get: { unit: 'M/s', better: 'more' },
    peek: { unit: 'M/s', better: 'more' },
    cold: { unit: 'µs', better: 'less', digits: 0 },
  },
  contestants,
  cases: Object.fromEntries(
    Object.entries(tasks).map(([name, task]) => [name, (contestant: Contestant) => contestant(task())]),
  ),
})
