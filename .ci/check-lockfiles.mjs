// A lockfile must know the binaries of every system that people develop on. One that was written with only Linux in mind
// installs well on Linux, and leaves everybody else without a compiler.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = new URL('..', import.meta.url).pathname
const systems = [
  ['darwin', 'arm64'],
  ['darwin', 'x64'],
  ['linux', 'arm64'],
  ['linux', 'x64'],
  ['win32', 'x64'],
]
const binaries = {
  'pnpm-lock.yaml': ['@biomejs/cli-', '@esbuild/', '@rolldown/binding-', '@rollup/rollup-', '@turbo/'],
  'packages/bench/pnpm-lock.yaml': ['@esbuild/', '@rolldown/binding-'],
}
const complaints = []

for (const [file, prefixes] of Object.entries(binaries)) {
  const lockfile = readFileSync(join(root, file), 'utf8')
  for (const prefix of prefixes) {
    for (const [system, processor] of systems) {
      const name = prefix === '@turbo/' ? turboName(system, processor) : `${system}-${processor}`
      // Some name the C library too.
      if (!new RegExp(`^  '${prefix}${name}(-[a-z]+)?@`, 'm').test(lockfile)) {
        complaints.push(`${file} has no ${prefix}${name}`)
      }
    }
  }
}

if (complaints.length > 0) {
  console.error(`Some systems could not install this:\n  ${complaints.join('\n  ')}`)
  console.error('Write the lockfile anew: delete it, and run pnpm install.')
  process.exit(1)
}
console.log('Lockfiles have the binaries of Linux, macOS and Windows')

function turboName(system, processor) {
  return `${system === 'win32' ? 'windows' : system}-${processor === 'x64' ? '64' : processor}`
}
