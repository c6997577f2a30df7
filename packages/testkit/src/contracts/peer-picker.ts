import type { PeerPicker } from '@geecache/core'
import { afterEach, describe, expect, it } from 'vitest'

/** One member of a cluster under test. */
interface Member {
  /** What the others' getters for it are named. */
  readonly name: string
  readonly picker: PeerPicker
}

/** A cluster of pickers. */
export interface OpenedCluster {
  readonly members: readonly Member[]
  /** Takes the last member out, as all others see it. */
  shrink(): void
  close(): Promise<void>
}

const keys = Array.from({ length: 2000 }, (_, i) => `key-${i}`)

/** What every PeerPicker must do. `open` makes a cluster of so many members; it is called anew for each test. */
export function peerPickerContract(name: string, open: (size: number) => Promise<OpenedCluster>): void {
  describe(`${name}, as a PeerPicker`, () => {
    let cluster: OpenedCluster

    afterEach(() => cluster.close())

    /** The owner of a key as a member sees it. */
    const owner = ({ name, picker }: Member, key: string) => picker.pickPeer(key)?.name ?? name

    it('gives all keys to a process that is alone', async () => {
      cluster = await open(1)
      const [{ picker }] = cluster.members as [Member]
      for (const key of keys) expect(picker.pickPeer(key)).toBe(undefined)
      expect([...(picker.peers?.() ?? [])]).toEqual([])
    })

    it('gives each key one owner, the same in the eyes of all, and each member its share', async () => {
      cluster = await open(5)
      const [first, ...others] = cluster.members as [Member, ...Member[]]
      const counts = new Map<string, number>()
      for (const key of keys) {
        const seen = owner(first, key)
        counts.set(seen, (counts.get(seen) ?? 0) + 1)
        for (const other of others) expect(owner(other, key)).toBe(seen)
      }
      for (const { name } of cluster.members) expect(counts.get(name)).toBeGreaterThan(keys.length / 5 / 2)
    })

    it('lists every other member, itself never, each as one and the same object', async () => {
      cluster = await open(4)
      for (const { name, picker } of cluster.members) {
        const peers = [...(picker.peers?.() ?? [])]
        const expected = cluster.members.map((member) => member.name).filter((other) => other !== name)
        expect(peers.map((peer) => peer.name).sort()).toEqual([...expected].sort())
        expect([...(picker.peers?.() ?? [])]).toEqual(peers)
        for (const key of keys.slice(0, 100)) {
          const picked = picker.pickPeer(key)
          if (picked !== undefined) expect(peers).toContain(picked)
        }
      }
    })

    it('moves the keys of a member that leaves, and no others', async () => {
      cluster = await open(5)
      const [first] = cluster.members as [Member]
      const gone = cluster.members[4] as Member
      const before = keys.map((key) => owner(first, key))
      const peersBefore = new Map(Array.from(first.picker.peers?.() ?? [], (peer) => [peer.name, peer]))
      cluster.shrink()
      for (const [i, key] of keys.entries()) {
        const now = owner(first, key)
        if (before[i] === gone.name) expect(now).not.toBe(gone.name)
        else expect(now).toBe(before[i])
      }
      for (const peer of first.picker.peers?.() ?? []) expect(peersBefore.get(peer.name)).toBe(peer)
    })
  })
}
