/** The lab itself; `launch.ts` builds and starts it. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { beThread, isThread } from '../cases/d16.ts'
import { cases } from '../cases/index.ts'
import type { LabCase } from './case.ts'
import { readCommandLine, type Settings } from './command-line.ts'
import { defences } from './defences.ts'
import { formatHtml } from './html.ts'
import { held, type Result } from './result.ts'
import { runCase } from './run-case.ts'
import { svgFileOf } from './svg.ts'
import { formatTable } from './table.ts'

const folder = process.env.GEECACHE_LAB_FOLDER as string
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
process.on('uncaughtException', fail)
process.on('unhandledRejection', fail)

if (isThread) void beThread()
else void main(readCommandLine(process.argv.slice(2)))

async function main(settings: Settings): Promise<void> {
  const off = defences.find(({ name }) => name === settings.off)
  const chosen = choose(settings.ids.length > 0 ? settings.ids : (off?.breaks ?? []))
  if (off !== undefined) console.log(`Without ${off.name}: ${off.means}.`)
  mkdirSync(folder, { recursive: true })
  const lines = join(folder, 'results.jsonl')
  writeFileSync(lines, '')
  const began = performance.now()
  const results: Result[] = []
  for (const [i, one] of chosen.entries()) {
    const label = `[${i + 1}/${chosen.length}] ${one.id} ${one.title}`
    const onRun = (done: number, runs: number, failures: number) =>
      progress(`${label}: ${done}/${runs}${failures > 0 ? `, ${failures} failed` : ''}`)
    progress(label)
    const result = await runCase(one, { ...settings, untilFailure: off !== undefined, onRun })
    results.push(result)
    const { plots, title, does, notes, failures, bound, ...line } = result
    appendFileSync(
      lines,
      `${JSON.stringify({ ...line, threshold: Object.values(bound)[0], notes, failures })}\n`,
    )
    progress(undefined)
    const outcome =
      result.skipped === undefined ? `${result.pass}/${result.runs}` : `skipped, ${result.skipped}`
    console.log(`${label}: ${outcome}, ${(result.ms / 1000).toFixed(1)} s`)
    for (const failure of result.failures) console.log(`  ${failure}`)
    for (const [i, plot] of result.plots.entries()) {
      writeFileSync(join(folder, `${one.id.toLowerCase()}-${i + 1}.svg`), svgFileOf(plot))
    }
  }
  const seconds = Math.round((performance.now() - began) / 1000)
  const summary = `${results.filter(held).length} of ${results.length} cases held, in ${seconds} s; seed ${settings.seed}; Node.js ${process.version}, ${cpus().length} × ${cpus()[0]?.model}`
  const title = off === undefined ? 'What the cluster survives' : `What breaks without ${off.name}`
  const page = join(folder, off === undefined ? 'report.html' : `report-without-${off.name}.html`)
  writeFileSync(page, formatHtml({ title, lines: [summary] }, results))
  console.log(`\n${formatTable(results)}\n`)
  console.log(`${summary}\n${page}`)
  process.exit(verdict(results, off !== undefined) ? 0 : 1)
}

/** With a defence switched off, the cases that it is for must fail, every one of them. */
function verdict(results: readonly Result[], isOff: boolean): boolean {
  if (!isOff) return results.every(held)
  const held_ = results.filter((result) => result.skipped === undefined && result.failures.length === 0)
  for (const { id } of held_)
    console.log(`${id} holds without the defence that it is to show: it shows nothing.`)
  return held_.length === 0
}

function choose(ids: readonly string[]): readonly LabCase[] {
  if (ids.length === 0) return cases
  return ids.map((id) => {
    const found = cases.find((one) => one.id === id)
    if (found === undefined)
      throw new Error(`there is no case ${id}; there are ${cases.map((one) => one.id).join(', ')}`)
    return found
  })
}

/** The one line that says where we are, on a terminal. */
function progress(text: string | undefined): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text ?? ''}`)
}

function fail(error: unknown): void {
  console.error(error)
  process.exit(1)
}
