import { alignedTable, markdownTable } from '../harness/index.ts'
import { libraries } from './contestants/index.ts'
import { probes } from './probes.ts'

// Asks every library the same questions about callers who share a load, and prints what each one does.
// `pnpm singleflight:correctness [--markdown]`

// Some libraries reject where no caller can listen; that must not end the comparison.
process.on('unhandledRejection', () => {})

const isMarkdown = process.argv.includes('--markdown')
const names = Object.keys(libraries)
const makes = await Promise.all(Object.values(libraries).map((load) => load()))

const rows = [['', ...names]]
for (const [question, probe] of Object.entries(probes)) {
  const findings = await Promise.all(makes.map((make) => probe(make())))
  rows.push([
    question,
    ...findings.map(({ isRight, answer }) => (isRight || !isMarkdown ? answer : `**${answer}**`)),
  ])
}
process.stdout.write(`${(isMarkdown ? markdownTable : alignedTable)(rows)}\n`)
process.exit()
