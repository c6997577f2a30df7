// The harness, from the outside in:
//
//   runSuite      parses the command line; in a child process it measures, in the first one it conducts
//   conduct       rounds x cases x contestants, each in a child process of its own
//   summarize     medians, least and most, ratios to the baseline
//   report        a table for people, markdown or JSON
import { fileURLToPath } from 'node:url'
import { readArguments } from './arguments.ts'
import { conduct } from './conduct.ts'
import { machine } from './machine.ts'
import { MEASURE_FLAG, measure } from './measure.ts'
import { report } from './report.ts'
import type { Suite } from './suite.ts'
import { summarize } from './summarize.ts'

/**
 * Runs a suite from the command line. The module that calls it is started again, with the suite's Node.js, for
 * each single measurement: nothing else may happen in it.
 *
 *     runSuite(import.meta.url, { name: 'ring', ... })
 */
export async function runSuite<Contestant>(moduleUrl: string, suite: Suite<Contestant>): Promise<void> {
  if (process.argv[2] === MEASURE_FLAG) return measure(suite, process.argv[3]!, process.argv[4]!)

  const plan = readArguments(suite, process.argv.slice(2))
  for (const node of plan.nodes) {
    const measurements = await conduct(suite, fileURLToPath(moduleUrl), node, plan)
    process.stdout.write(report(suite, machine(node), summarize(suite, plan, measurements), plan.format))
  }
}
