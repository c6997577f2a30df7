import type { Dialect } from '../dialects/dialect.ts'
import { protocolVersion, ttlHeader } from '../wire/headers.ts'
import { busyCode, type Refusal } from '../wire/refusal.ts'

/** What a server of peers refuses before a group has a say, and in which words. */

export function leaving(dialect: Dialect): Refusal {
  return { status: dialect.statusOf('closed'), code: 'closed', message: 'this peer is leaving' }
}

export function busy(dialect: Dialect): Refusal {
  const status = dialect.statusOf('overloaded')
  return { status, code: busyCode, message: 'there are too many requests under way' }
}

export function groupUnknown(dialect: Dialect, group: string): Refusal {
  const message = `there is no group ${JSON.stringify(group.slice(0, 100))} here`
  return { status: dialect.statusOf('group-unknown'), code: 'group-unknown', message }
}

export function badList(maxKeys: number): Refusal {
  return { ...badBody, message: `it must be a list of 1 to ${maxKeys} keys` }
}

export function methodNotAllowed(methods: string): Refusal {
  return { status: 405, code: 'method-not-allowed', message: `only ${methods} here` }
}

export const unauthorized: Refusal = {
  status: 401,
  code: 'unauthorized',
  message: 'the secret is missing or wrong',
}
export const versionUnknown: Refusal = {
  status: 400,
  code: 'version-unknown',
  message: `only version ${protocolVersion} of the protocol is spoken here`,
}
export const pathUnknown: Refusal = {
  status: 404,
  code: 'path-unknown',
  message: 'no peer is served here',
}
export const badPath: Refusal = {
  status: 400,
  code: 'bad-request',
  message: 'the path must be {base}{group}/{key}',
}
export const badBody: Refusal = { status: 400, code: 'bad-request', message: 'the body makes no sense' }
export const badTtl: Refusal = {
  status: 400,
  code: 'bad-request',
  message: `${ttlHeader} must be whole milliseconds`,
}
export const wrongType: Refusal = {
  status: 415,
  code: 'bad-request',
  message: 'the media type is none that is taken here',
}
export const tooLarge: Refusal = { status: 413, code: 'too-large', message: 'the body is too large' }
