import type { Round } from '@geecache/core'

/** What a POST to a group may ask: to drop keys, in one of the two rounds of a removal. */
export interface Drop {
  readonly round: Round
  readonly keys: readonly string[] | 'all'
  /** The name of the set that will bring a value for the key, if it is the first round of one. */
  readonly reservation?: string | undefined
}

// A name is a UUID; it is kept until the set has come.
const longestReservation = 64

/**
 * The media type of a {@link Drop}: one of its own, so that no web page can send it unasked, and no body parser of the
 * application takes it.
 */
export const dropType = 'application/vnd.geecache.drop+json'

/** Reads a {@link Drop}; undefined if it is none. */
export function parseDrop(body: string): Drop | undefined {
  try {
    const { round, keys, reservation } = JSON.parse(body) as Record<string, unknown>
    if (round !== 1 && round !== 2) return undefined
    if (keys === 'all') return { round, keys }
    if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string')) return undefined
    if (reservation === undefined) return { round, keys }
    if (typeof reservation === 'string' && reservation.length <= longestReservation) {
      return { round, keys, reservation }
    }
  } catch {
    // Not JSON, or null.
  }
  return undefined
}

/**
 * Splits `keys` into lists that make bodies of at most `maxBytes`, each of one key at least. A character takes at most
 * six bytes in JSON.
 */
export function* splitKeys(keys: readonly string[], maxBytes: number): Generator<readonly string[]> {
  let first = 0
  let bytes = 0
  for (const [i, key] of keys.entries()) {
    const cost = 6 * key.length + 3
    if (i > first && bytes + cost > maxBytes) {
      yield keys.slice(first, i)
      first = i
      bytes = 0
    }
    bytes += cost
  }
  if (first < keys.length) yield keys.slice(first)
}
