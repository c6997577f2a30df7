import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Plan } from './arguments.ts'
import { MEASURE_FLAG } from './measure.ts'
import type { Measurement, SuiteOutline } from './suite.ts'

/** One measurement and what it belongs to. */
export interface Result {
  readonly contestant: string
  readonly case: string
  readonly measurement: Measurement
}

/**
 * Measures everything in the plan. Rounds are interleaved and each starts with another contestant, so whatever
 * else the machine does meanwhile disturbs all of them alike.
 */
export async function conduct(
  suite: Pick<SuiteOutline, 'nodeFlags'>,
  module: string,
  node: string,
  plan: Plan,
): Promise<Result[]> {
  const results: Result[] = []
  const total = plan.rounds * plan.cases.length * plan.contestants.length
  for (let round = 0; round < plan.rounds; round++) {
    for (const name of plan.cases) {
      for (const contestant of rotated(plan.contestants, round)) {
        progress(`${results.length + 1}/${total}  round ${round + 1}, ${name}: ${contestant}`)
        const measurement = await measureApart(module, node, suite.nodeFlags ?? [], contestant, name)
        results.push({ contestant, case: name, measurement })
      }
    }
  }
  progress('')
  return results
}

/** Starts the suite's module again to measure one thing. */
async function measureApart(
  module: string,
  node: string,
  flags: readonly string[],
  contestant: string,
  name: string,
): Promise<Measurement> {
  const child = fork(module, [MEASURE_FLAG, contestant, name], {
    execPath: node,
    execArgv: [...flags, '--import', 'tsx'],
  })
  let measurement: Measurement | undefined
  child.once('message', (message) => {
    measurement = message as Measurement
  })
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  if (measurement === undefined) {
    throw new Error(`${contestant} in "${name}" ended with ${signal ?? `code ${code}`} and no measurement`)
  }
  return measurement
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const start = by % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
  else if (text !== '') process.stderr.write(`${text}\n`)
}
