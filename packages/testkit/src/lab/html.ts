import { formatBound, formatNumber, held, type Result } from './result.ts'
import { escapeText, plotStyle, svgOf } from './svg.ts'

/** What is said of the run as a whole. */
export interface Heading {
  readonly title: string
  readonly lines: readonly string[]
}

/** The results as one page that needs nothing else. */
export function formatHtml({ title, lines }: Heading, results: readonly Result[]): string {
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeText(title)}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1f2937; background: #fff }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid #e5e7eb; vertical-align: top }
td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums } .bad { color: #b91c1c; font-weight: 600 } .good { color: #047857 }
svg { width: 100%; height: auto; margin: .5rem 0 }
${plotStyle}
pre { white-space: pre-wrap; background: #fef2f2; padding: .5rem } h3 { margin-bottom: 0 }
</style>
<h1>${escapeText(title)}</h1>
${lines.map((line) => `<p>${escapeText(line)}</p>`).join('\n')}
<table><tr><th>case</th><th>what</th><th>held</th><th>number</th><th>bound</th></tr>
${results.map(row).join('\n')}
</table>
${results.map(section).join('\n')}
</html>
`
}

function row(result: Result): string {
  const { id, title, metric, pass, runs, value, bound, skipped } = result
  const outcome = skipped === undefined ? `${pass}/${runs}` : 'skipped'
  return `<tr><td><a href="#${id}">${id}</a></td><td>${escapeText(title)}<br><small>${escapeText(metric)}</small></td>
<td class="${held(result) ? 'good' : 'bad'}">${outcome}</td><td class="number">${value === undefined ? '–' : formatNumber(value)}</td><td class="number">${formatBound(bound)}</td></tr>`
}

function section({ id, title, does, seed, ms, notes, failures, skipped, plots }: Result): string {
  const numbers = Object.entries(notes).map(
    ([name, value]) => `<tr><td>${escapeText(name)}</td><td class="number">${formatNumber(value)}</td></tr>`,
  )
  return `<h3 id="${id}">${id}. ${escapeText(title)}</h3>
<p>${escapeText(does)} <small>Seed ${seed}, ${(ms / 1000).toFixed(1)} s.</small></p>
${skipped === undefined ? '' : `<p class="bad">Skipped: ${escapeText(skipped)}</p>`}
${numbers.length === 0 ? '' : `<table>${numbers.join('')}</table>`}
${plots.map(svgOf).join('\n')}
${failures.length === 0 ? '' : `<pre>${escapeText(failures.join('\n'))}</pre>`}`
}
