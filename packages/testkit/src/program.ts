import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
  const folder = mkdtempSync(join(tmpdir(), 'geecache-peer-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const program = join(folder, 'peer.cjs')
  await bundle(fileURLToPath(new URL('./peer-main.ts', import.meta.url)), program)
  return program
}
