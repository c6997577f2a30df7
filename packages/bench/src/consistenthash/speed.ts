import { runSuite } from '../harness/index.ts'
import { contestants } from './contestants/index.ts'
import { type Contestant, task } from './task.ts'

await runSuite<Contestant>(import.meta.url, {
  name: 'consistenthash',
  about:
    'get: owners of random keys, looked up one after the other. build: a ring of all nodes and its first get. ' +
    'add: one node more and the next get. The nodes are URLs; every contestant has its own default of points a node.',
  baseline: 'geecache',
  metrics: {
    get: { unit: 'M/s', better: 'more' },
    build: { unit: 'ms', better: 'less' },
    add: { unit: 'ms', better: 'less' },
  },
  contestants,
  cases: Object.fromEntries(
    [3, 10, 100, 1000].flatMap((nodes) =>
      [16, 64].map((length) => [
        `${nodes} nodes, keys of ${length} characters`,
        (contestant: Contestant) => contestant(task(nodes, length)),
      ]),
    ),
  ),
})
