import { checkSetOptions } from './options.ts'
import { refuse } from './refuse.ts'

/** One entry as `dump` writes it and `load` reads it. It survives JSON if its key and value do. */
export interface SnapshotEntry<K, V> {
  readonly key: K
  readonly value: V
  /** The bytes it is charged; absent: `load` asks `sizeOf`. */
  readonly size?: number | undefined
  /** How much longer it lives, in milliseconds; absent: until it is removed. */
  readonly ttlMs?: number | undefined
  /** With the SIEVE policy: it was used since the last sweep, and stays one sweep longer. */
  readonly used?: boolean | undefined
}

/** How a snapshot is loaded. */
export interface LoadOptions {
  /** How long ago it was dumped, in milliseconds; each time left is that much shorter. Default: 0. */
  readonly elapsedMs?: number | undefined
}

/** An entry of a snapshot with nothing left open. */
export interface ResolvedEntry<K, V> extends SnapshotEntry<K, V> {
  readonly size: number
  readonly ttlMs: number
}

/** Checks a whole snapshot, and returns what of it still lives. */
export function resolveSnapshot<K, V>(
  snapshot: Iterable<SnapshotEntry<K, V>>,
  { elapsedMs = 0 }: LoadOptions,
  sizeOf: (entry: SnapshotEntry<K, V>) => number,
): ResolvedEntry<K, V>[] {
  if (!(elapsedMs >= 0)) refuse('elapsedMs', 'a non-negative number', elapsedMs)
  return Array.from(snapshot, (entry) => {
    checkSetOptions(entry)
    return { ...entry, size: sizeOf(entry), ttlMs: (entry.ttlMs ?? Infinity) - elapsedMs }
  }).filter((entry) => entry.ttlMs > 0)
}
