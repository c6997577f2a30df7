import type { PeerGetter, Round } from './peers.ts'

/** A change that every process of the cluster has to hear of. */
export interface Notice {
  /** Makes it so in this process. */
  here(round: Round): void
  /** Tells a peer; undefined if that peer cannot be told such things. */
  tell(peer: PeerGetter, round: Round): Promise<void> | undefined
}

/** Who heard of a change. */
export interface Outcome {
  /** The peers that heard of it in both rounds. */
  readonly heard: readonly PeerGetter[]
  /** The peers that missed one of them, and why. */
  readonly missed: ReadonlyMap<PeerGetter, unknown>
}

/**
 * Tells everybody, in two rounds.
 *
 * One round is not enough: 1. a peer is told, and drops its copy; 2. it fetches the key again, from a peer that has not
 * been told yet, and keeps the old value; 3. that peer is told, too late. After the first round nobody can give the old
 * value away any more, and the second one drops what was fetched before that.
 */
export async function tellInRounds(peers: () => Iterable<PeerGetter>, notice: Notice): Promise<Outcome> {
  const missed = new Map<PeerGetter, unknown>()
  const tell = (some: Iterable<PeerGetter>, round: Round) =>
    Promise.all(
      Array.from(some, async (peer) => {
        try {
          const told = notice.tell(peer, round)
          if (told === undefined) throw new TypeError('this peer has no way to be told')
          await told
        } catch (error) {
          missed.set(peer, error)
        }
      }),
    )
  notice.here(1)
  // Again until nobody is new: who becomes a peer meanwhile may have loaded the old value before.
  const told = new Set<PeerGetter>()
  for (
    let untold = [...peers()];
    untold.length > 0;
    untold = [...peers()].filter((peer) => !told.has(peer))
  ) {
    for (const peer of untold) told.add(peer)
    await tell(untold, 1)
  }
  notice.here(2)
  const last = [...peers()]
  await tell(last, 2)
  return { heard: last.filter((peer) => told.has(peer) && !missed.has(peer)), missed }
}
