import { parseArgs } from 'node:util'

/** What one process of the program is told. */
export interface Settings {
  readonly port: number
  readonly peerPorts: readonly number[]
  /** Where this process serves the API; undefined if it does not. */
  readonly apiPort: number | undefined
  readonly lookupMs: number
  readonly players: number
}

/** A command line that makes no sense; the message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export const usage = `Usage: scores [options]

One peer of a cache of scores. Start three of them, one with --api:

  scores --port 8001 --api
  scores --port 8002
  scores --port 8003
  curl "http://localhost:9999/api?key=Tom"

Options:
  --port PORT        where this peer listens (8001)
  --peers PORTS      the ports of all peers, this one included (8001,8002,8003)
  --api              serve the API as well
  --api-port PORT    where (9999)
  --lookup-ms MS     how slow the slow database is (300)
  --players COUNT    rows player-1, player-2, … in the database besides Tom, Jack and Sam (0)
  --help             this text
`

/** Reads a command line; 'help' if it asks for that. Throws {@link UsageError}. */
export function readCommandLine(args: readonly string[]): Settings | 'help' {
  const values = parse(args)
  if (values.help) return 'help'
  const port = wholeNumber('--port', values.port, 1, 65_535)
  const peerPorts = values.peers.split(',').map((text) => wholeNumber('--peers', text, 1, 65_535))
  if (!peerPorts.includes(port)) {
    throw new UsageError(`--peers must include this peer's own port ${port}, got ${values.peers}`)
  }
  return {
    port,
    peerPorts,
    apiPort: values.api ? wholeNumber('--api-port', values['api-port'], 1, 65_535) : undefined,
    lookupMs: wholeNumber('--lookup-ms', values['lookup-ms'], 0, 60_000),
    players: wholeNumber('--players', values.players, 0, 1_000_000),
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: '8001' },
        peers: { type: 'string', default: '8001,8002,8003' },
        api: { type: 'boolean', default: false },
        'api-port': { type: 'string', default: '9999' },
        'lookup-ms': { type: 'string', default: '300' },
        players: { type: 'string', default: '0' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw new UsageError(
    `${option} must be a whole number from ${least} to ${most}, got ${JSON.stringify(text)}`,
  )
}
