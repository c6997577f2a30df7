import type { Suite } from './suite.ts'

/** The first argument of a process that makes one measurement. */
export const MEASURE_FLAG = '--measure'

/** Makes one measurement in this process and sends it to the process that asked for it. */
export async function measure<Contestant>(
  suite: Suite<Contestant>,
  contestant: string,
  name: string,
): Promise<void> {
  const make = suite.contestants[contestant]
  const work = suite.cases[name]
  if (make === undefined || work === undefined) throw new Error(`no such measurement: ${contestant}, ${name}`)
  const measurement = await work(await make())
  // Whatever the work left open must not keep this process from ending.
  process.send?.(measurement, () => process.exit())
}
