/** `pnpm lab`: builds the lab and the program of its peers from source, perhaps without a defence, and runs them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from '../bundle.ts'
import { cases } from '../cases/index.ts'
import { readCommandLine, usage } from './command-line.ts'
import { defences } from './defences.ts'

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))

void main(process.argv.slice(2)).catch((error) => {
  console.error((error as Error).message)
  process.exit(1)
})

async function main(args: readonly string[]): Promise<void> {
  const { what, off } = readCommandLine(args)
  if (what === 'help') return console.log(usage)
  if (what === 'list') return list()
  if (off !== 'all') process.exit(await run(args, off))
  const codes: number[] = []
  for (const { name } of defences) {
    const others = args.filter((arg) => arg !== 'all' && arg !== '--off' && arg !== '--off=all')
    codes.push(await run([...others, '--off', name], name))
  }
  console.log(
    `${codes.filter((code) => code === 0).length} of ${codes.length} defences are shown to be needed`,
  )
  process.exit(codes.every((code) => code === 0) ? 0 : 1)
}

/** Builds, runs, and cleans up; the exit code. */
async function run(args: readonly string[], off: string | undefined): Promise<number> {
  const patches = defences.find(({ name }) => name === off)?.patches ?? []
  const folder = mkdtempSync(join(tmpdir(), 'geecache-lab-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  const [lab, peer] = [join(folder, 'lab.cjs'), join(folder, 'peer.cjs')]
  await bundle(source('./main.ts'), lab, patches)
  await bundle(source('../peer-main.ts'), peer, patches)
  const env = {
    ...process.env,
    GEECACHE_PEER_PROGRAM: peer,
    GEECACHE_LAB_FOLDER: process.env.GEECACHE_LAB_FOLDER ?? source('../../.lab'),
  }
  const child = spawn(process.execPath, ['--expose-gc', lab, ...args], { stdio: 'inherit', env })
  // The terminal tells it of Ctrl-C as well; it takes its peers down, and we go after it.
  const pass = (signal: NodeJS.Signals) => child.kill(signal)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, pass)
  const [code] = await once(child, 'exit')
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, pass)
  process.off('exit', remove)
  remove()
  return code ?? 1
}

function list(): void {
  for (const { id, title, does } of cases) console.log(`${id.padEnd(5)}${title}\n     ${does}`)
  console.log('\nDefences that can be switched off:')
  for (const { name, means, breaks } of defences) console.log(`${name}: ${means} (${breaks.join(', ')})`)
}
