import type { Random } from './random.ts'

/** One direction of one connection, as a toxic sees it. */
export interface Link {
  readonly random: Random
  /** Resolves after `ms` milliseconds; rejects when the connection is gone. */
  wait(ms: number): Promise<void>
  /** Ends the connection on both sides, after what has been let through. */
  close(): void
  /** Ends the connection on both sides at once, with a reset. */
  reset(): void
}

/** What a toxic does to one link; it may remember what has gone by. */
export interface Affliction {
  /** What becomes of bytes that arrive: what is yielded goes on, in that order, as fast as the other side takes it. */
  chunk?(bytes: Buffer): Iterable<Buffer> | AsyncIterable<Buffer>
  /** What happens when the sender has ended its side; the end goes on after it. */
  end?(): Promise<void>
}

/** A fault, in Toxiproxy's vocabulary: called once for each link it falls upon. */
export type Toxic = (link: Link) => Affliction
