import { Cluster } from '../cluster.ts'
import { seededRandom } from '../proxy/random.ts'
import { type Lab, type LabCase, type Plot, Skipped } from './case.ts'
import { formatBound, formatNumber, isWithin, type Result, worse } from './result.ts'

export interface RunOptions {
  readonly short: boolean
  readonly seed: number
  /** How many runs, whatever the case says. */
  readonly runs?: number | undefined
  /** Whether one run that fails is enough. Default: false. */
  readonly untilFailure?: boolean
  /** Told after every run. */
  readonly onRun?: (done: number, runs: number, failures: number) => void
}

const mostFailures = 5
/** A run that takes longer has hung. */
const longestRunMs = 60 * 60_000

/** Runs a case as often as it should be; what goes wrong is in the result. */
export async function runCase(one: LabCase, options: RunOptions): Promise<Result> {
  const { short, seed, untilFailure = false, onRun } = options
  // One that fails comes soon, or is worth the wait.
  const runs = options.runs ?? (short && !untilFailure ? one.shortRuns : one.runs)
  let done = 0
  const began = performance.now()
  const shared = new Map<string, Cluster>()
  const notes: Record<string, number> = {}
  const failures: string[] = []
  const plots: Plot[] = []
  let value: number | undefined
  let pass = 0
  let failed = 0
  const result = (skipped?: string): Result => ({
    id: one.id,
    title: one.title,
    does: one.does,
    seed,
    runs: skipped === undefined ? done : 0,
    pass,
    metric: one.metric,
    value,
    bound: one.bound,
    ms: Math.round(performance.now() - began),
    notes,
    failures,
    ...(skipped !== undefined && { skipped }),
    plots,
  })
  try {
    for (let round = 0; round < runs; round++) {
      const run = new Run({ short, round, seed: seed + round, shared, notes, plots })
      try {
        const number = await limited(one.run(run))
        value = worse(value, number, one.bound)
        if (!isWithin(number, one.bound)) {
          run.complaints.push(`${formatNumber(number)} is not ${formatBound(one.bound)}: ${one.metric}`)
        }
      } catch (error) {
        if (error instanceof Skipped) return result(error.message)
        run.complaints.push(String((error as Error)?.stack ?? error))
      }
      await run.close()
      done++
      if (run.complaints.length === 0) pass++
      else {
        failed++
        for (const complaint of run.complaints) {
          if (failures.length < mostFailures)
            failures.push(`run ${round + 1} (seed ${run.seed}): ${complaint}`)
        }
      }
      onRun?.(done, runs, failed)
      if (untilFailure && failed > 0) break
    }
    return result()
  } finally {
    await Promise.all([...shared.values()].map((cluster) => cluster[Symbol.asyncDispose]()))
  }
}

function limited(run: Promise<number>): Promise<number> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`not over after ${longestRunMs / 60_000} minutes`)),
      longestRunMs,
    )
  })
  return Promise.race([run, late]).finally(() => clearTimeout(timer))
}

interface RunParts {
  readonly short: boolean
  readonly round: number
  readonly seed: number
  readonly shared: Map<string, Cluster>
  readonly notes: Record<string, number>
  readonly plots: Plot[]
}

class Run implements Lab {
  readonly short: boolean
  readonly round: number
  readonly seed: number
  readonly random: Lab['random']
  readonly complaints: string[] = []
  readonly #parts: RunParts
  readonly #clusters: Cluster[] = []
  readonly #resources: AsyncDisposable[] = []

  constructor(parts: RunParts) {
    this.#parts = parts
    this.short = parts.short
    this.round = parts.round
    this.seed = parts.seed
    this.random = seededRandom(parts.seed)
  }

  async cluster(options: Parameters<Lab['cluster']>[0]): Promise<Cluster> {
    const cluster = await Cluster.start({ seed: this.seed, ...options })
    this.#clusters.push(cluster)
    return this.use(cluster)
  }

  async sharedCluster(options: Parameters<Lab['cluster']>[0] = {}): Promise<Cluster> {
    const id = JSON.stringify(options)
    const cluster = this.#parts.shared.get(id) ?? (await Cluster.start({ seed: this.seed, ...options }))
    this.#parts.shared.set(id, cluster)
    this.#clusters.push(cluster)
    return cluster
  }

  use<T extends AsyncDisposable>(resource: T): T {
    this.#resources.unshift(resource)
    return resource
  }

  note(name: string, value: number): void {
    this.#parts.notes[name] = Math.max(this.#parts.notes[name] ?? Number.NEGATIVE_INFINITY, value)
  }

  hold(holds: boolean, complaint: string): void {
    if (!holds) this.complaints.push(complaint)
  }

  plot(plot: Plot): void {
    if (this.round === 0) this.#parts.plots.push(plot)
  }

  /** Checks what must hold of the clusters, and takes down what was for this run alone. */
  async close(): Promise<void> {
    for (const cluster of this.#clusters) {
      try {
        this.complaints.push(...(await cluster.violations()))
      } catch (error) {
        this.complaints.push(String((error as Error).stack))
      }
    }
    for (const resource of this.#resources) {
      try {
        await resource[Symbol.asyncDispose]()
      } catch (error) {
        this.complaints.push(`while taking down: ${(error as Error).stack}`)
      }
    }
  }
}
