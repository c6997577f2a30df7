import type { Plan } from './arguments.ts'
import type { Result } from './conduct.ts'
import type { SuiteOutline } from './suite.ts'

/** All measurements of one metric of one contestant in one case. */
export interface Summary {
  readonly case: string
  readonly contestant: string
  readonly metric: string
  readonly median: number
  readonly min: number
  readonly max: number
  readonly rounds: number
  /** How many times as good as the baseline: above 1 is better, whether more or less is better. */
  readonly ratio: number | undefined
}

/** Medians and their ratios to the baseline, in the order of the plan. */
export function summarize(
  suite: Pick<SuiteOutline, 'baseline' | 'metrics'>,
  plan: Pick<Plan, 'cases' | 'contestants'>,
  results: readonly Result[],
): Summary[] {
  const summaries: Summary[] = []
  for (const name of plan.cases) {
    for (const [metric, { better }] of Object.entries(suite.metrics)) {
      const samplesOf = (contestant: string): number[] =>
        results
          .filter((result) => result.case === name && result.contestant === contestant)
          .flatMap((result) => result.measurement[metric] ?? [])
      const base = median(samplesOf(suite.baseline))
      for (const contestant of plan.contestants) {
        const samples = samplesOf(contestant)
        const middle = median(samples)
        if (middle === undefined) continue
        const ratio = base === undefined ? undefined : better === 'more' ? middle / base : base / middle
        summaries.push({
          case: name,
          contestant,
          metric,
          median: middle,
          min: Math.min(...samples),
          max: Math.max(...samples),
          rounds: samples.length,
          ratio,
        })
      }
    }
  }
  return summaries
}

/** The middle of the samples; of an even number, the mean of the middle two. */
export function median(samples: readonly number[]): number | undefined {
  const sorted = samples.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle]
  if (upper === undefined || sorted.length % 2 === 1) return upper
  return (sorted[middle - 1]! + upper) / 2
}
