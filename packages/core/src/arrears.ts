import type { PeerGetter } from './peers.ts'

const firstDelayMs = 100
const longestDelayMs = 10_000
// Beyond that many keys a peer is told to clear the group: it loses more than it must, and nothing old survives.
const mostKeys = 10_000

/** What a peer still has to drop. */
export type Owed = ReadonlySet<string> | 'all'

interface Debt {
  keys: Set<string> | 'all'
  delayMs: number
  timer: ReturnType<typeof setTimeout>
}

/** What peers have missed: they are told again, at growing intervals, until they have heard it or are peers no more. */
export class Arrears {
  readonly #debts = new Map<PeerGetter, Debt>()
  readonly #isPeer: (peer: PeerGetter) => boolean
  readonly #tell: (peer: PeerGetter, owed: Owed) => Promise<void>
  #closed = false

  constructor(isPeer: (peer: PeerGetter) => boolean, tell: (peer: PeerGetter, owed: Owed) => Promise<void>) {
    this.#isPeer = isPeer
    this.#tell = tell
  }

  /** Notes that `peer` still has to drop `keys`. */
  owe(peer: PeerGetter, keys: Iterable<string> | 'all'): void {
    if (this.#closed) return
    const debt = this.#debts.get(peer) ?? this.#open(peer)
    if (keys === 'all') debt.keys = 'all'
    else if (debt.keys !== 'all') for (const key of keys) debt.keys.add(key)
    if (debt.keys !== 'all' && debt.keys.size > mostKeys) debt.keys = 'all'
  }

  /** How many peers have still to be told something. */
  get size(): number {
    return this.#debts.size
  }

  /** Tells nobody any more. */
  close(): void {
    this.#closed = true
    for (const { timer } of this.#debts.values()) clearTimeout(timer)
    this.#debts.clear()
  }

  #open(peer: PeerGetter): Debt {
    const debt: Debt = { keys: new Set(), delayMs: firstDelayMs, timer: this.#later(peer, firstDelayMs) }
    this.#debts.set(peer, debt)
    return debt
  }

  #later(peer: PeerGetter, delayMs: number): ReturnType<typeof setTimeout> {
    // Up to half as long again, so that processes that lost the same peer do not all come back to it at once.
    const timer = setTimeout(() => void this.#retry(peer), delayMs * (1 + Math.random() / 2))
    // A process must not stay alive for it.
    ;(timer as { unref?(): void }).unref?.()
    return timer
  }

  async #retry(peer: PeerGetter): Promise<void> {
    const debt = this.#debts.get(peer)
    if (debt === undefined) return
    if (!this.#isPeer(peer)) {
      this.#debts.delete(peer)
      return
    }
    const { keys }: { keys: Owed } = debt
    // What comes while this is on its way is owed anew.
    debt.keys = new Set()
    try {
      await this.#tell(peer, keys)
      debt.delayMs = firstDelayMs
    } catch {
      this.owe(peer, keys)
      debt.delayMs = Math.min(2 * debt.delayMs, longestDelayMs)
    }
    if (this.#debts.get(peer) !== debt) return
    if (isPaid(debt)) this.#debts.delete(peer)
    else debt.timer = this.#later(peer, debt.delayMs)
  }
}

function isPaid({ keys }: Debt): boolean {
  return keys !== 'all' && keys.size === 0
}
