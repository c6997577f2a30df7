import { execFileSync } from 'node:child_process'
import { arch, availableParallelism, cpus, platform } from 'node:os'

/** Where and when something was measured. */
export interface Machine {
  readonly node: string
  readonly cpu: string
  readonly cores: number
  readonly platform: string
  readonly date: string
}

/** This machine with the Node.js at the given path. */
export function machine(node: string): Machine {
  return {
    node: execFileSync(node, ['--version'], { encoding: 'utf8' }).trim(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    platform: `${platform()} ${arch()}`,
    date: new Date().toISOString().slice(0, 10),
  }
}
