import { formatBound, formatNumber, held, type Result } from './result.ts'

/** The results as text, one line a case. */
export function formatTable(results: readonly Result[]): string {
  const rows = results.map((result) => [
    result.id,
    result.skipped === undefined ? `${result.pass}/${result.runs}` : 'skipped',
    result.value === undefined ? '–' : formatNumber(result.value),
    formatBound(result.bound),
    `${(result.ms / 1000).toFixed(1)} s`,
    held(result) ? ' ' : '✗',
    `${result.title}: ${result.skipped ?? result.metric}`,
  ])
  const head = ['case', 'held', 'number', 'bound', 'time', '', 'what']
  const all = [head, ...rows]
  const widths = head.map((_, i) => Math.max(...all.map((row) => (row[i] as string).length)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) =>
        i === 2 || i === 4 ? cell.padStart(widths[i] as number) : cell.padEnd(widths[i] as number),
      )
      .join('  ')
      .trimEnd()
  return all.map(line).join('\n')
}
