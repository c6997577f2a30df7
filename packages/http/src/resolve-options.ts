import { HashRing, type HashRingOptions } from '@geecache/consistenthash'
import { GeeCacheError } from '@geecache/core'
import type { BreakerOptions } from './client/breaker.ts'
import type { GathererOptions } from './client/gatherer.ts'
import type { Dialect } from './dialects/dialect.ts'
import { dialects } from './dialects/index.ts'
import type { HandoverOptions, HTTPPoolLimits, HTTPPoolOptions, Some, TLSOptions } from './options.ts'

/** {@link HTTPPoolOptions} with every default filled in. */
export interface ResolvedOptions extends HTTPPoolLimits {
  readonly dialect: Dialect
  readonly basePath: string
  readonly ring: HashRingOptions | undefined
  readonly secrets: readonly string[]
  readonly tls: TLSOptions | undefined
  readonly insecure: boolean
  readonly timeoutMs: number
  readonly drainMs: number
  readonly batch: GathererOptions | undefined
  readonly breaker: BreakerOptions | undefined
  readonly handover: HandoverOptions | undefined
}

const longestTimer = 2 ** 31 - 1
const gathering: GathererOptions = { maxKeys: 128, maxInFlight: 4 }
const breaking: BreakerOptions = { hardFailures: 2, softFailures: 5, minDelayMs: 200, maxDelayMs: 2000 }
const handingOver: HandoverOptions = { forMs: 60_000, timeoutMs: 100 }
const limiting: HTTPPoolLimits = {
  maxValueBytes: 64 * 2 ** 20,
  maxBodyBytes: 8 * 2 ** 20,
  maxKeys: 10_000,
  maxRequests: 10_000,
  maxConnections: 10_000,
  maxConnectionsPerPeer: 64,
  headersTimeoutMs: 5000,
  requestTimeoutMs: 30_000,
}
const known: Record<keyof HTTPPoolOptions, true> = {
  dialect: true,
  basePath: true,
  ring: true,
  secret: true,
  tls: true,
  insecure: true,
  timeoutMs: true,
  drainMs: true,
  batch: true,
  breaker: true,
  handover: true,
  limits: true,
}

/** Checks the options of a pool; throws GeeCacheError `invalid-option` that names the first wrong one. */
export function resolveOptions(options: HTTPPoolOptions): ResolvedOptions {
  demand(isObject(options), 'options', 'an object', options)
  for (const name of Object.keys(options)) {
    demand(Object.hasOwn(known, name), 'an option', `one of ${Object.keys(known).join(', ')}`, name)
  }
  const { dialect: dialectName = 'geecache', insecure = false, timeoutMs = 1000 } = options
  demand(
    typeof dialectName === 'string' && Object.hasOwn(dialects, dialectName),
    'dialect',
    `one of ${Object.keys(dialects).join(', ')}`,
    dialectName,
  )
  const dialect: Dialect = dialects[dialectName]
  const { basePath = dialect.basePath, ring = dialect.ring, drainMs = timeoutMs } = options
  demand(isBasePath(basePath), 'basePath', 'a path that begins and ends with a slash', basePath)
  demand(typeof insecure === 'boolean', 'insecure', 'true or false', insecure)
  demandSpan('timeoutMs', timeoutMs)
  demandSpan('drainMs', drainMs)
  checkRing(ring)
  return {
    ...(numbersOf('limits', limiting, options.limits, true) as HTTPPoolLimits),
    dialect,
    basePath,
    ring,
    secrets: secretsOf(options.secret),
    tls: tlsOf(options.tls),
    insecure,
    timeoutMs,
    drainMs,
    batch: numbersOf('batch', gathering, options.batch),
    breaker: numbersOf('breaker', breaking, options.breaker),
    handover: numbersOf('handover', handingOver, options.handover),
  }
}

/** A group of options that are all numbers above 0; undefined if it is switched off. */
function numbersOf<T extends { readonly [name in keyof T]: number }>(
  group: string,
  defaults: T,
  given: false | Some<T> | undefined,
  always = false,
): T | undefined {
  if (given === false && !always) return undefined
  if (given === undefined) return defaults
  demand(isObject(given), group, always ? 'an object' : 'an object or false', given)
  const resolved = { ...defaults }
  for (const [name, value] of Object.entries(given)) {
    demand(Object.hasOwn(defaults, name), group, `made of ${Object.keys(defaults).join(', ')}`, name)
    if (value === undefined) continue
    if (name.endsWith('Ms')) demandSpan(`${group}.${name}`, value)
    else demand(isCount(value), `${group}.${name}`, 'a whole number above 0, up to 2 ** 32', value)
    resolved[name as keyof T] = value as T[keyof T]
  }
  return resolved
}

function secretsOf(secret: string | readonly string[] | undefined): readonly string[] {
  if (secret === undefined) return []
  const secrets = typeof secret === 'string' ? [secret] : secret
  const complaint = '16 to 1000 printable ASCII characters without spaces, or a list of such strings'
  // What was given is not repeated: it is a secret.
  demand(Array.isArray(secrets) && secrets.length > 0, 'secret', complaint, typeof secret)
  for (const one of secrets) {
    demand(typeof one === 'string' && /^[!-~]{16,1000}$/.test(one), 'secret', complaint, 'something else')
  }
  return [...secrets]
}

function tlsOf(tls: TLSOptions | undefined): TLSOptions | undefined {
  if (tls === undefined) return undefined
  demand(isObject(tls), 'tls', 'an object with key, cert and ca', typeof tls)
  const { key, cert, ca } = tls
  for (const [name, pem] of Object.entries({ key, cert, ca })) {
    const isPem = typeof pem === 'string' && pem.includes('-----BEGIN ')
    demand(isPem, `tls.${name}`, 'a text in PEM form', typeof pem)
  }
  return { key, cert, ca }
}

function checkRing(ring: HashRingOptions | undefined): void {
  if (ring === undefined) return
  demand(isObject(ring), 'ring', 'the options of a HashRing', ring)
  try {
    new HashRing(ring)
  } catch (cause) {
    const message = `ring must be the options of a HashRing: ${(cause as Error).message}`
    throw new GeeCacheError('invalid-option', message, { cause })
  }
}

function demandSpan(option: string, value: unknown): void {
  const isSpan = typeof value === 'number' && value > 0 && value <= longestTimer
  demand(isSpan, option, `a number of milliseconds above 0, up to ${longestTimer}`, value)
}

function demand(holds: boolean, option: string, expected: string, received: unknown): void {
  if (!holds)
    throw new GeeCacheError('invalid-option', `${option} must be ${expected}, got ${show(received)}`)
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100))
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

/** Made of characters that stand for themselves in a path, so that a request's raw path can be compared with it. */
function isBasePath(value: unknown): boolean {
  return typeof value === 'string' && /^\/([\w.~!$&'()*,;=:@-]+\/)*$/.test(value)
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) <= 2 ** 32
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
