/** How long `rate` runs the work before it measures, and how long it measures at least; in processor time. */
export interface RateOptions {
  /** Default: 200. */
  readonly warmupMs?: number
  /** Default: 300. */
  readonly atLeastMs?: number
}

/**
 * Millions of operations a second of synchronous work. The work says how many operations one call of it did;
 * it should be a loop of thousands, and its results should be used, or the compiler leaves it out.
 *
 * The seconds are processor time of this process, its collector and compiler included: what else runs on the
 * machine takes turns with it, and does not count.
 */
export function rate(work: () => number, { warmupMs = 200, atLeastMs = 300 }: RateOptions = {}): number {
  for (const end = processorMs() + warmupMs; processorMs() < end; ) work()
  const start = processorMs()
  let operations = 0
  let elapsedMs = 0
  do {
    operations += work()
    elapsedMs = processorMs() - start
  } while (elapsedMs < atLeastMs)
  return operations / elapsedMs / 1000
}

/** The same for work that is asynchronous, by the wall clock: waiting counts. */
export async function rateAsync(
  work: () => Promise<number>,
  { warmupMs = 200, atLeastMs = 300 }: RateOptions = {},
): Promise<number> {
  for (const end = performance.now() + warmupMs; performance.now() < end; ) await work()
  const start = performance.now()
  let operations = 0
  let elapsedMs = 0
  do {
    operations += await work()
    elapsedMs = performance.now() - start
  } while (elapsedMs < atLeastMs)
  return operations / elapsedMs / 1000
}

function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
