import type { PeerGetter, Round } from './peers.ts'

/** A change that every process of the cluster has to hear of. */
export interface Notice {
  /** Makes it so in this process. */
  here(round: Round): void
  /** Tells a peer; undefined if that peer cannot be told such things. */
  tell(peer: PeerGetter, round: Round): Promise<void> | undefined
}

/**
 * Tells everybody, in two rounds; resolves with the peers that missed one of them, and why.
 *
 * One round is not enough: 1. a peer is told, and drops its copy; 2. it fetches the key again, from a peer that has not
 * been told yet, and keeps the old value; 3. that peer is told, too late. After the first round nobody can give the old
 * value away any more, and the second one drops what was fetched before that.
 */
export async function tellInRounds(
  peers: () => Iterable<PeerGetter>,
  notice: Notice,
): Promise<Map<PeerGetter, unknown>> {
  const missed = new Map<PeerGetter, unknown>()
  for (const round of [1, 2] as const) {
    notice.here(round)
    // Asked anew for each round: who has become a peer meanwhile may have fetched the old value.
    await Promise.all(
      Array.from(peers(), async (peer) => {
        try {
          const told = notice.tell(peer, round)
          if (told === undefined) throw new TypeError('this peer has no way to be told')
          await told
        } catch (error) {
          missed.set(peer, error)
        }
      }),
    )
  }
  return missed
}
