import { parseArgs } from 'node:util'
import { defences } from './defences.ts'

export const usage: string = `Usage: pnpm lab [cases] [options]

Breaks clusters of real processes in every way the plan knows, and says what they survived.

  pnpm lab               every case, as often as it should be
  pnpm lab A2 C4         these
  pnpm lab --short       every case, briefly

Options:
  --short          fewer runs of each, and shorter ones
  --runs COUNT     so many runs of each
  --seed SEED      what all chance comes from (1)
  --off DEFENCE    build without this defence, and expect the cases that name it to fail:
                   ${defences.map(({ name }) => name).join(', ')}, or all of them one by one: all
  --list           what cases and defences there are
  --help           this text
`

export interface Settings {
  readonly ids: readonly string[]
  readonly short: boolean
  readonly runs: number | undefined
  readonly seed: number
  readonly off: string | undefined
  readonly what: 'run' | 'list' | 'help'
}

/** Reads a command line; throws an Error that says what is wrong with it. */
export function readCommandLine(args: readonly string[]): Settings {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      short: { type: 'boolean', default: false },
      runs: { type: 'string' },
      seed: { type: 'string', default: '1' },
      off: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const { short, off } = values
  const names = [...defences.map(({ name }) => name), 'all']
  if (off !== undefined && !names.includes(off)) {
    throw new Error(`--off must be one of ${names.join(', ')}, got ${JSON.stringify(off)}`)
  }
  return {
    ids: positionals.filter((id) => id !== '--').map((id) => id.toUpperCase()),
    short,
    runs: values.runs === undefined ? undefined : wholeNumber('--runs', values.runs),
    seed: wholeNumber('--seed', values.seed),
    off,
    what: values.help ? 'help' : values.list ? 'list' : 'run',
  }
}

function wholeNumber(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new Error(`${option} must be a whole number from 1 up, got ${JSON.stringify(text)}`)
}
