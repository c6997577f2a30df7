import type { HashRingOptions } from '@geecache/consistenthash'
import { GeeCacheError } from '@geecache/core'

/** How a pool speaks with its peers. */
export interface HTTPPoolOptions {
  /** Where peers serve each other, the same in every process. Default: `/_geecache/`. */
  readonly basePath?: string
  /** How keys are spread over the peers, the same in every process. Default: the balanced ring. */
  readonly ring?: HashRingOptions
  /** Milliseconds for a request to a peer, from dial to last byte. Default: 1000. */
  readonly timeoutMs?: number
  /**
   * Lets `listen` bind an address that other machines reach, although whoever reaches it can read and write the cache.
   * Default: false, loopback only.
   */
  readonly insecure?: boolean
  readonly limits?: HTTPPoolLimits
}

/** What a pool takes at most. */
export interface HTTPPoolLimits {
  /** Bytes of a value, from a peer or for it; a longer one is refused while it is read. Default: 64 MiB. */
  readonly maxValueBytes?: number
}

/** {@link HTTPPoolOptions} with every default filled in. */
export interface ResolvedOptions {
  readonly basePath: string
  readonly ring: HashRingOptions | undefined
  readonly timeoutMs: number
  readonly insecure: boolean
  readonly maxValueBytes: number
}

const longestTimer = 2 ** 31 - 1

/** Checks the options of a pool; throws GeeCacheError `invalid-option` that names the first wrong one. */
export function resolveOptions(options: HTTPPoolOptions): ResolvedOptions {
  const { basePath = '/_geecache/', ring, timeoutMs = 1000, insecure = false, limits = {} } = options
  const { maxValueBytes = 64 * 2 ** 20 } = limits
  require(isBasePath(basePath), 'basePath', 'a path that begins and ends with a slash', basePath)
  require(isWithin(
    timeoutMs,
    longestTimer,
  ), 'timeoutMs', `a number above 0 and up to ${longestTimer}`, timeoutMs)
  require(isWithin(
    maxValueBytes,
    2 ** 32,
  ), 'limits.maxValueBytes', 'a number above 0 and up to 2 ** 32', maxValueBytes)
  require(typeof insecure === 'boolean', 'insecure', 'true or false', insecure)
  return { basePath, ring, timeoutMs, insecure, maxValueBytes }
}

function require(holds: boolean, option: string, expected: string, received: unknown): void {
  if (holds) return
  throw new GeeCacheError('invalid-option', `${option} must be ${expected}, got ${JSON.stringify(received)}`)
}

/** Made of characters that stand for themselves in a path, so that a request's raw path can be compared with it. */
function isBasePath(value: unknown): boolean {
  return typeof value === 'string' && /^\/([\w.~!$&'()*,;=:@-]+\/)*$/.test(value)
}

function isWithin(value: unknown, most: number): boolean {
  return typeof value === 'number' && value > 0 && value <= most
}
