import { checkSize, checkTtlMs } from './options.ts'
import { show } from './show.ts'

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
  const elapsedMs = options.elapsedMs ?? 0
  if (!(typeof elapsedMs === 'number' && elapsedMs >= 0)) {
    throw new RangeError(`elapsedMs must be a number from 0, got ${show(elapsedMs)}`)
  }
  if (typeof snapshot?.[Symbol.iterator] !== 'function') {
    throw new TypeError(`a snapshot must be an array of entries, got ${show(snapshot)}`)
  }
  const alive: SnapshotEntry<K, V>[] = []
  for (const entry of snapshot) {
    if (typeof entry !== 'object' || entry === null || !('key' in entry)) {
      throw new TypeError(`an entry of a snapshot must be an object with a key, got ${show(entry)}`)
    }
    if (entry.size !== undefined) checkSize('size of an entry must be', entry.size)
    if (entry.ttlMs === undefined) alive.push(entry)
    else {
      checkTtlMs(entry.ttlMs)
      if (entry.ttlMs > elapsedMs) alive.push({ ...entry, ttlMs: entry.ttlMs - elapsedMs })
    }
  }
  return alive
}
