import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'

/**
 * A network of namespaces on one bridge, for partitions that only a network can make: no reset, no refusal, silence.
 * Needs root and iproute2.
 */
export interface Netns extends AsyncDisposable {
  /** The namespaces, to run processes in. */
  readonly names: readonly string[]
  /** Their addresses, in the same order. */
  readonly addresses: readonly string[]
  /** This process's address on the bridge. */
  readonly gateway: string
  /** From now on, packets from namespace `from` to namespace `to` are lost; the others go on. */
  blackhole(from: number, to: number): void
  /** Undoes {@link blackhole}. */
  heal(from: number, to: number): void
}

let used = 0

/** Makes a network of `size` namespaces; a text that says why not, where that is not possible. */
export function openNetns(size: number): Netns | string {
  if (process.platform !== 'linux') return `network namespaces need Linux, this is ${process.platform}`
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  sweep()
  const id = `gc${process.pid}x${used++}`
  const subnet = `10.${213 + (used % 20)}.${process.pid % 250}`
  const names = Array.from({ length: size }, (_, i) => `${id}-${i}`)
  const addresses = names.map((_, i) => `${subnet}.${i + 1}`)
  const gateway = `${subnet}.254`
  const close = () => {
    for (const name of names) attempt('netns', 'del', name)
    attempt('link', 'del', `${id}b`)
  }
  process.once('exit', close)
  try {
    ip('link', 'add', `${id}b`, 'type', 'bridge')
    ip('addr', 'add', `${gateway}/24`, 'dev', `${id}b`)
    ip('link', 'set', `${id}b`, 'up')
    for (const [i, name] of names.entries()) {
      ip('netns', 'add', name)
      ip('link', 'add', `${id}v${i}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
      ip('link', 'set', `${id}v${i}`, 'master', `${id}b`, 'up')
      ip('-n', name, 'addr', 'add', `${addresses[i]}/24`, 'dev', 'eth0')
      ip('-n', name, 'link', 'set', 'eth0', 'up')
      ip('-n', name, 'link', 'set', 'lo', 'up')
    }
  } catch (error) {
    close()
    process.off('exit', close)
    return `network namespaces could not be made: ${(error as Error).message.trim()}`
  }
  return {
    names,
    addresses,
    gateway,
    blackhole: (from, to) =>
      ip('-n', names[from] as string, 'route', 'add', 'blackhole', addresses[to] as string),
    heal: (from, to) => ip('-n', names[from] as string, 'route', 'del', 'blackhole', addresses[to] as string),
    async [Symbol.asyncDispose]() {
      close()
      process.off('exit', close)
    },
  }
}

/** Deletes what processes have left behind that were killed. */
function sweep(): void {
  const left = [...entries('/run/netns'), ...entries('/sys/class/net')]
  for (const name of left) {
    const [, pid] = /^gc(\d+)x\d+(?:-\d+|b)$/.exec(name) ?? []
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue
    if (name.endsWith('b')) attempt('link', 'del', name)
    else attempt('netns', 'del', name)
  }
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

function attempt(...args: readonly string[]): void {
  try {
    ip(...args)
  } catch {
    // It was never made, or is gone already.
  }
}
