import { pathHeader } from './headers.ts'

/**
 * Peer paths, `{basePath}{group}/{key}`. They are made and read as plain text, never through `URL`, which would
 * resolve keys such as `..` away.
 */

/** The path under which a peer serves `key` of `group`. */
export function formatPath(basePath: string, group: string, key: string): string {
  return `${basePath}${encodeURIComponent(group)}/${encodeURIComponent(key)}`
}

/** The path under which a peer is told of many keys of `group`. */
export function formatGroupPath(basePath: string, group: string): string {
  return `${basePath}${encodeURIComponent(group)}`
}

/**
 * What goes with a request that is sent to `path`, for `segments`: names and values in turn. `URL` takes a segment `.` or
 * `..` for a step up, escaped or not.
 */
export function pathHeaders(path: string, ...segments: readonly string[]): string[] {
  return segments.some((segment) => segment === '.' || segment === '..') ? [pathHeader, path] : []
}

/** What a request is about: a key, without one the group as a whole, without that the peer itself. */
export interface Target {
  readonly group?: string
  readonly key?: string
}

/**
 * What a request path is about: undefined if it is not under `basePath`, `malformed` if it is and makes no sense.
 * `plusIsSpace` reads a raw plus as a space; our own clients write %20, and %2B for a plus, which everybody reads alike.
 */
export function parsePath(
  path: string,
  basePath: string,
  plusIsSpace: boolean,
): Target | 'malformed' | undefined {
  if (!path.startsWith(basePath)) return undefined
  const query = path.indexOf('?')
  const rest = path.slice(basePath.length, query < 0 ? undefined : query)
  const slash = rest.indexOf('/')
  const decode = (segment: string) => decodeURIComponent(plusIsSpace ? segment.replaceAll('+', ' ') : segment)
  try {
    if (rest === '') return {}
    if (slash < 0) return { group: decode(rest) }
    return { group: decode(rest.slice(0, slash)), key: decode(rest.slice(slash + 1)) }
  } catch {
    return 'malformed' // a broken escape, or bytes that are not UTF-8
  }
}
