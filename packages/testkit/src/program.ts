import { mkdirSync, renameSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

let built: Promise<string> | undefined

/**
 * The program of a peer process in one file, built from source once for this process: it starts in a fraction of the
 * time that the sources would take. `GEECACHE_PEER_PROGRAM` names one that is built already.
 */
export function peerProgram(): Promise<string> {
  const given = process.env.GEECACHE_PEER_PROGRAM
  if (given !== undefined) return Promise.resolve(given)
  built ??= build()
  return built
}

async function build(): Promise<string> {
  const { bundle } = await import('./bundle.ts')
  const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))
  mkdirSync(source('../.lab'), { recursive: true })
  // In one place, so that nothing piles up; moved there as a whole, for others may start it at this moment.
  const program = source('../.lab/peer.cjs')
  const unfinished = source(`../.lab/peer-${process.pid}.cjs`)
  await bundle(source('./peer-main.ts'), unfinished)
  renameSync(unfinished, program)
  return program
}
