import { runSuite } from '../harness/index.ts'
import { contestants } from './contestants/index.ts'
import type { Contestant } from './task.ts'

const lengths: Readonly<Record<string, number>> = { '100 B': 100, '1 kB': 1000, '100 kB': 100_000 }
const concurrencies = [1, 16, 64, 256]

const cases = Object.entries(lengths).flatMap(([length, valueBytes]) =>
  concurrencies.map(
    (inFlight) =>
      [
        `${length}, ${inFlight} in flight`,
        (contestant: Contestant) => contestant({ valueBytes, inFlight }),
      ] as const,
  ),
)

await runSuite<Contestant>(import.meta.url, {
  name: 'http',
  about:
    'Values that another process has in memory, on the loopback interface: one client and one server process, each on a ' +
    'core of its own. Through the whole stack: Group.get of a key that the peer owns, and that this process does not keep. ' +
    'Many under way at once are independent callers, each awaiting one get after the other; of getMany and mget, one call ' +
    'of so many keys at a time. Measured after 3 seconds of the same. The times are from call to value.',
  baseline: 'ioredis, get, auto-pipelining',
  metrics: {
    get: { unit: 'k/s', better: 'more', digits: 1 },
    p50: { unit: 'µs', better: 'less', digits: 0 },
    p99: { unit: 'µs', better: 'less', digits: 0 },
  },
  contestants,
  cases: Object.fromEntries(cases),
})
