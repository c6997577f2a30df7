import type { Format } from './arguments.ts'
import type { Machine } from './machine.ts'
import type { SuiteOutline } from './suite.ts'
import type { Summary } from './summarize.ts'
import { alignedTable, markdownTable } from './table.ts'

type Reported = Pick<SuiteOutline, 'name' | 'about' | 'baseline' | 'metrics'>

/** Everything measured, as text: one table for each case, contestants down, metrics across; or an overview. */
export function report(
  suite: Reported,
  machine: Machine,
  summaries: readonly Summary[],
  format: Format,
): string {
  if (format === 'json') return `${JSON.stringify({ suite: suite.name, machine, summaries }, null, 2)}\n`

  const { node, cpu, cores, platform, date } = machine
  const rounds = Math.max(...summaries.map((summary) => summary.rounds))
  const title = `${suite.name}: Node.js ${node}, ${platform}, ${cores} cores (${cpu}), ${date}`
  const medians = `Medians of ${rounds} interleaved rounds in separate processes`
  const body =
    format === 'overview'
      ? [`${medians}.`, ...overview(suite, summaries)]
      : [
          `${medians}, [least..most], and how many times as good as ${suite.baseline}.`,
          ...details(suite, summaries, format === 'markdown'),
        ]
  return `${[title, suite.about, ...body].join('\n\n')}\n\n`
}

/** Of each metric a table of medians. */
function overview(suite: Reported, summaries: readonly Summary[]): string[] {
  return Object.entries(suite.metrics).flatMap(([metric, { digits = 2, unit }]) => [
    `**${titleOf(metric, unit)}**`,
    markdownTable(overviewOf(metric, digits, summaries)),
  ])
}

/** Of each case a table of everything. */
function details(suite: Reported, summaries: readonly Summary[], isMarkdown: boolean): string[] {
  return [...new Set(summaries.map((summary) => summary.case))].flatMap((name) => {
    const rows = tableOf(
      suite,
      summaries.filter((summary) => summary.case === name),
    )
    return isMarkdown ? [`**${name}**`, markdownTable(rows)] : [name, alignedTable(rows)]
  })
}

function titleOf(metric: string, unit: string): string {
  return unit === '' ? metric : `${metric}, ${unit}`
}

/** The medians of one metric: contestants down, cases across. */
function overviewOf(metric: string, digits: number, summaries: readonly Summary[]): string[][] {
  const ofMetric = summaries.filter((summary) => summary.metric === metric)
  const cases = [...new Set(ofMetric.map((summary) => summary.case))]
  const contestants = [...new Set(ofMetric.map((summary) => summary.contestant))]
  const rows = contestants.map((contestant) => [
    contestant,
    ...cases.map((name) => {
      const summary = ofMetric.find((one) => one.contestant === contestant && one.case === name)
      return summary === undefined ? '-' : summary.median.toFixed(digits)
    }),
  ])
  return [['', ...cases], ...rows]
}

function tableOf(suite: Reported, summaries: readonly Summary[]): string[][] {
  const metrics = Object.entries(suite.metrics).filter(([metric]) =>
    summaries.some((summary) => summary.metric === metric),
  )
  const header = ['', ...metrics.map(([metric, { unit }]) => titleOf(metric, unit))]
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
