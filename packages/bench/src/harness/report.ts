import type { Format } from './arguments.ts'
import type { Machine } from './machine.ts'
import type { SuiteOutline } from './suite.ts'
import type { Summary } from './summarize.ts'
import { alignedTable, markdownTable } from './table.ts'

type Reported = Pick<SuiteOutline, 'name' | 'about' | 'baseline' | 'metrics'>

/** Everything measured, as text: one table for each case, contestants down, metrics across. */
export function report(
  suite: Reported,
  machine: Machine,
  summaries: readonly Summary[],
  format: Format,
): string {
  if (format === 'json') return `${JSON.stringify({ suite: suite.name, machine, summaries }, null, 2)}\n`

  const { node, cpu, cores, platform, date } = machine
  const rounds = Math.max(...summaries.map((summary) => summary.rounds))
  const lines = [
    `${suite.name}: Node.js ${node}, ${platform}, ${cores} cores (${cpu}), ${date}`,
    suite.about,
    `Medians of ${rounds} interleaved rounds in separate processes, [least..most], and how many times as good as ${suite.baseline}.`,
  ]
  const isMarkdown = format === 'markdown'
  for (const name of new Set(summaries.map((summary) => summary.case))) {
    const rows = tableOf(
      suite,
      summaries.filter((summary) => summary.case === name),
    )
    lines.push(isMarkdown ? `**${name}**` : name, isMarkdown ? markdownTable(rows) : alignedTable(rows))
  }
  return `${lines.join('\n\n')}\n\n`
}

function tableOf(suite: Reported, summaries: readonly Summary[]): string[][] {
  const metrics = Object.entries(suite.metrics).filter(([metric]) =>
    summaries.some((summary) => summary.metric === metric),
  )
  const header = ['', ...metrics.map(([metric, { unit }]) => (unit === '' ? metric : `${metric}, ${unit}`))]
  const contestants = [...new Set(summaries.map((summary) => summary.contestant))]
  const rows = contestants.map((contestant) => [
    contestant,
    ...metrics.map(([metric, { digits = 2 }]) => {
      const summary = summaries.find((one) => one.contestant === contestant && one.metric === metric)
      return summary === undefined ? '-' : cell(summary, digits)
    }),
  ])
  return [header, ...rows]
}

function cell({ median, min, max, ratio }: Summary, digits: number): string {
  const range = min === max ? '' : ` [${min.toFixed(digits)}..${max.toFixed(digits)}]`
  return `${median.toFixed(digits)}${range}${ratio === undefined ? '' : ` ${ratio.toFixed(2)}x`}`
}
