import type { PeerGetter } from './peers.ts'

const firstDelayMs = 100
const longestDelayMs = 10_000
// Beyond that many keys a peer is told to clear the group: it loses more than it must, and nothing old survives.
const mostKeys = 10_000
// After so many retries in a row, about an hour's, at which it was not among the peers, a peer is given up.
const mostAbsences = 300

/** What a peer still has to drop. */
export type Owed = ReadonlySet<string> | 'all'

interface Debt {
  readonly peer: PeerGetter
  keys: Set<string> | 'all'
  delayMs: number
  absences: number
  timer: ReturnType<typeof setTimeout>
}

/**
 * What peers have missed: they are told again, at growing intervals, until they have heard it. A peer that has left
 * the others is told when it is back under the same name.
 */
export class Arrears {
  readonly #debts = new Map<string, Debt>()
  readonly #find: (peer: PeerGetter) => PeerGetter | undefined
  readonly #tell: (peer: PeerGetter, owed: Owed) => Promise<void>
  #closed = false

  /** `find` gives the peer of that name as it is now, `tell` tells it; both may fail. */
  constructor(
    find: (peer: PeerGetter) => PeerGetter | undefined,
    tell: (peer: PeerGetter, owed: Owed) => Promise<void>,
  ) {
    this.#find = find
    this.#tell = tell
  }

  /** Notes that `peer` still has to drop `keys`. */
  owe(peer: PeerGetter, keys: Owed | Iterable<string>): void {
    if (this.#closed) return
    const debt = this.#debts.get(peer.name) ?? this.#open(peer)
    add(debt, keys)
  }

  /**
   * Takes back what is owed of `keys`, for somebody who is about to tell everybody of a newer change of them, and has to owe
   * it again to whoever does not hear of that.
   */
  takeBack(keys: readonly string[] | 'all'): Map<PeerGetter, Owed> {
    const taken = new Map<PeerGetter, Owed>()
    for (const debt of this.#debts.values()) {
      const owed = takeFrom(debt, keys)
      if (owed === 'all' || owed.size > 0) taken.set(debt.peer, owed)
    }
    return taken
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
    const timer = this.#later(peer, firstDelayMs)
    const debt: Debt = { peer, keys: new Set(), delayMs: firstDelayMs, absences: 0, timer }
    this.#debts.set(peer.name, debt)
    return debt
  }

  #later(peer: PeerGetter, delayMs: number): ReturnType<typeof setTimeout> {
    // Up to half as long again, so that processes that lost the same peer do not all come back to it at once.
    const timer = setTimeout(() => void this.#retry(peer.name), delayMs * (1 + Math.random() / 2))
    // A process must not stay alive for it.
    ;(timer as { unref?(): void }).unref?.()
    return timer
  }

  async #retry(name: string): Promise<void> {
    const debt = this.#debts.get(name)
    if (debt === undefined) return
    if (isPaid(debt)) {
      this.#debts.delete(name)
      return
    }
    const { keys }: { keys: Owed } = debt
    // What comes while this is on its way is owed anew.
    debt.keys = new Set()
    try {
      const peer = this.#find(debt.peer)
      debt.absences = peer === undefined ? debt.absences + 1 : 0
      if (peer === undefined) throw new Error('it is not among the peers at present')
      await this.#tell(peer, keys)
      debt.delayMs = firstDelayMs
    } catch {
      add(debt, keys)
      debt.delayMs = Math.min(2 * debt.delayMs, longestDelayMs)
    }
    if (this.#debts.get(name) !== debt) return
    if (isPaid(debt) || debt.absences === mostAbsences) this.#debts.delete(name)
    else debt.timer = this.#later(debt.peer, debt.delayMs)
  }
}

function add(debt: Debt, keys: Owed | Iterable<string>): void {
  if (keys === 'all') debt.keys = 'all'
  else if (debt.keys !== 'all') for (const key of keys) debt.keys.add(key)
  if (debt.keys !== 'all' && debt.keys.size > mostKeys) debt.keys = 'all'
}

function takeFrom(debt: Debt, keys: readonly string[] | 'all'): Owed {
  const { keys: owed } = debt
  if (keys === 'all') {
    debt.keys = new Set()
    return owed
  }
  return new Set(owed === 'all' ? [] : keys.filter((key) => owed.delete(key)))
}

function isPaid({ keys }: Debt): boolean {
  return keys !== 'all' && keys.size === 0
}
