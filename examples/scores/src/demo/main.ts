import { parseArgs } from 'node:util'
import { Cluster } from './cluster.ts'
import { players, Story } from './story.ts'
import { act, paint, tell } from './terminal.ts'
import { Clients } from './traffic.ts'

const usage = `Usage: demo [--stay]

Starts three cache processes and an API, and shows what they do.

  --stay    leave them running afterwards, to try by hand
  --help    this text
`

void main()

async function main(): Promise<void> {
  const stay = readStay()
  if (stay === undefined) return
  const cluster = await Cluster.plan({
    lookupMs: 200,
    players: players.early + players.middle + players.late,
  })
  const leave = () => {
    cluster.abandon()
    process.exit(130)
  }
  process.once('SIGINT', leave)
  process.once('SIGTERM', leave)
  try {
    const right = await run(cluster)
    if (stay) return showCommands(cluster)
    process.exitCode = right ? 0 : 1
  } catch (error) {
    console.error(paint('red', `\nThe demo failed: ${(error as Error).message}`))
    process.exitCode = 1
  }
  await cluster.stop()
}

async function run(cluster: Cluster): Promise<boolean> {
  act('Three processes start; each is a peer of the cache, and the first one serves the API too')
  await Promise.all(cluster.ports.map((port) => cluster.start(port)))
  for (const port of cluster.ports) tell(`peer http://127.0.0.1:${port}, process ${cluster.pid(port)}`)
  tell(`API  http://localhost:${cluster.apiPort}/api?key=Tom`)
  const clients = new Clients(cluster.ports)
  try {
    return await new Story(cluster, clients).tell()
  } finally {
    await clients.close()
  }
}

function showCommands(cluster: Cluster): void {
  act('The processes stay until you press Ctrl-C. Try:')
  tell(`curl "http://localhost:${cluster.apiPort}/api?key=Tom"`)
  tell(`curl "http://localhost:${cluster.apiPort}/api?key=kkk"`)
  tell(`curl "http://localhost:${cluster.ports[1]}/api?key=player-7"`)
  tell(`curl "http://localhost:${cluster.ports[2]}/stats"`)
}

/** Whether the processes stay; undefined when there is nothing to do. */
function readStay(): boolean | undefined {
  try {
    const options = {
      stay: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    } as const
    const { values } = parseArgs({ options })
    if (!values.help) return values.stay
    console.log(usage)
  } catch (error) {
    console.error(`demo: ${(error as Error).message}\n\n${usage}`)
    process.exitCode = 1
  }
  return undefined
}
