import { checkObject, checkSetOptions } from './options.ts'
import { refuse } from './refuse.ts'

/** One entry as `dump` writes it and `load` reads it. It survives JSON if its key and value do. */
export interface SnapshotEntry<K, V> {
  readonly key: K
  readonly value: V
  /** The bytes it is charged; absent: `load` asks `sizeOf`. */
  readonly size?: number
  /** How much longer it lives, in milliseconds; absent: until it is removed. */
  readonly ttlMs?: number
  /** With the SIEVE policy: it was used since the last sweep, and stays one sweep longer. */
  readonly used?: boolean
}

/** How a snapshot is loaded. */
export interface LoadOptions {
  /** How long ago it was dumped, in milliseconds; each time left is that much shorter. Default: 0. */
  readonly elapsedMs?: number | undefined
}

/** Checks a whole snapshot and returns what of it still lives, the most recent first. */
export function resolveSnapshot<K, V>(
  snapshot: Iterable<SnapshotEntry<K, V>>,
  options: LoadOptions,
): SnapshotEntry<K, V>[] {
  const { elapsedMs = 0 } = options
  if (!(typeof elapsedMs === 'number' && elapsedMs >= 0)) refuse('elapsedMs', 'a number from 0', elapsedMs)
  if (typeof snapshot?.[Symbol.iterator] !== 'function') refuse('a snapshot', 'an array of entries', snapshot)
  const alive: SnapshotEntry<K, V>[] = []
  for (const entry of snapshot) {
    checkObject('an entry of a snapshot', entry)
    checkSetOptions(entry)
    const { ttlMs = Infinity } = entry
    if (ttlMs > elapsedMs) alive.push({ ...entry, ttlMs: ttlMs - elapsedMs })
  }
  return alive
}
