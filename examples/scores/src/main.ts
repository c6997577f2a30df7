import { readCommandLine, type Settings, UsageError, usage } from './command-line.ts'
import { startPeer } from './peer.ts'

void main()

async function main(): Promise<void> {
  try {
    const settings = readCommandLine(process.argv.slice(2))
    if (settings === 'help') console.log(usage)
    else await run(settings)
  } catch (error) {
    console.error(complaintOf(error))
    process.exitCode = 1
  }
}

async function run(settings: Settings): Promise<void> {
  const log = (line: string) => console.log(`${settings.port} ${line}`)
  const peer = await startPeer(settings, log)
  const stop = async () => {
    await peer.close()
    process.exit()
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  // Started by another program over IPC: when that is gone, so are we.
  process.once('disconnect', () => process.exit())
}

function complaintOf(error: unknown): string {
  if (error instanceof UsageError) return `scores: ${error.message}\nscores --help lists the options`
  const { code, port, message } = error as NodeJS.ErrnoException & { port?: number }
  if (code === 'EADDRINUSE')
    return `scores: port ${port} is in use; choose others with --port and --peers, or --api-port`
  if (code === 'EACCES') return `scores: port ${port} is not allowed to you; choose one above 1023`
  return `scores: ${message}`
}
