import { parseArgs } from 'node:util'
import { nodeBinary } from './node-binary.ts'
import type { SuiteOutline } from './suite.ts'

export type Format = 'table' | 'markdown' | 'overview' | 'json'

/** What to measure and how to print it. */
export interface Plan {
  readonly rounds: number
  readonly contestants: readonly string[]
  readonly cases: readonly string[]
  /** Paths of the Node.js binaries to measure with, one after the other. */
  readonly nodes: readonly string[]
  readonly format: Format
}

const USAGE = `
  --rounds N      measurements of each contestant in each case (default 7)
  --only TEXT     only contestants whose name contains TEXT, and the baseline; may be repeated
  --case TEXT     only cases whose name contains TEXT; may be repeated, then all must be contained
  --node WHICH    the Node.js to measure with: 20, 24 or a path (default: the one that runs this); may be repeated
  --markdown      print markdown
  --overview      print markdown, of each metric one table of medians with the cases side by side
  --json          print JSON
`

/** Reads the command line of a suite; on a mistake, prints the usage and exits. */
export function readArguments(
  suite: Pick<SuiteOutline, 'baseline' | 'contestants' | 'cases'>,
  args: readonly string[],
): Plan {
  try {
    return parse(suite, args)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${USAGE}`)
    process.exit(2)
  }
}

function parse(
  suite: Pick<SuiteOutline, 'baseline' | 'contestants' | 'cases'>,
  args: readonly string[],
): Plan {
  const { values } = parseArgs({
    // pnpm passes on the -- that separates its own flags.
    args: args.filter((arg) => arg !== '--'),
    options: {
      rounds: { type: 'string', default: '7' },
      only: { type: 'string', multiple: true, default: [] },
      case: { type: 'string', multiple: true, default: [] },
      node: { type: 'string', multiple: true, default: [process.execPath] },
      markdown: { type: 'boolean', default: false },
      overview: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  const rounds = Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new RangeError(`--rounds must be a positive integer, got ${values.rounds}`)
  }
  const contestants = Object.keys(suite.contestants).filter(
    (name) =>
      values.only.length === 0 || name === suite.baseline || values.only.some((text) => name.includes(text)),
  )
  const cases = Object.keys(suite.cases).filter((name) => values.case.every((text) => name.includes(text)))
  if (cases.length === 0) {
    throw new RangeError(`--case must match one of: ${Object.keys(suite.cases).join('; ')}`)
  }
  const formats = ['json', 'overview', 'markdown'] as const
  const format = formats.find((name) => values[name]) ?? 'table'
  return { rounds, contestants, cases, nodes: values.node.map(nodeBinary), format }
}
