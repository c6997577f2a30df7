import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

// The client has one core and the server another; on a machine with one they share it.
const cores = { server: '0', client: '1' }

/** Keeps this process to the client's core. */
export function keepClientToItsCore(): void {
  if (availableParallelism() > 1) spawnSync('taskset', ['-a', '-cp', cores.client, String(process.pid)])
}

/** Starts a program on the core of the client or of the server. It ends with this process. */
export function spawnOn(
  side: keyof typeof cores,
  command: string,
  args: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  const child = spawn('taskset', ['-c', cores[side], command, ...args], options)
  process.once('exit', () => child.kill('SIGKILL'))
  return child
}
