import type { Health } from './control.ts'
import type { PeerProcess } from './peer-process.ts'

const patienceMs = 10_000

/**
 * What must hold of every process when all is over, whatever was done to it: nothing runs any more, it accounts for no
 * more bytes than it may, and no promise was rejected unheard. Resolves with what does not hold, which should be nothing.
 */
export async function violations(peers: Iterable<PeerProcess>): Promise<readonly string[]> {
  const living = [...peers].filter((peer) => !peer.hasEnded)
  return (await Promise.all(living.map(violationsOf))).flat()
}

async function violationsOf(peer: PeerProcess): Promise<readonly string[]> {
  const health = await atRest(peer)
  const { running, bytes, maxBytes, unhandled, warnings } = health
  const found: string[] = []
  if (isRunning(health))
    found.push(`after ${patienceMs} ms of rest there still run ${JSON.stringify(running)}`)
  if (bytes > maxBytes) found.push(`it accounts for ${bytes} bytes of ${maxBytes}`)
  for (const reason of unhandled) found.push(`unhandled rejection: ${reason}`)
  for (const warning of warnings) found.push(warning)
  return found.map((complaint) => `${peer.url}: ${complaint}`)
}

/** How it is when nothing runs in it any more, or patience is over. */
async function atRest(peer: PeerProcess): Promise<Health> {
  const end = performance.now() + patienceMs
  for (;;) {
    const health = await peer.tell('health')
    if (!isRunning(health) || performance.now() > end) return health
  }
}

function isRunning({ running }: Health): boolean {
  return running.gets + running.loads + running.requests > 0
}
