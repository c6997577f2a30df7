import type { LabCase } from '../lab/case.ts'

/** Two versions of a program: one has a group that the other has not. */
export const b4: LabCase = {
  id: 'B4',
  title: 'A peer does not know the group yet (rolling deployment)',
  does: 'Two processes of a cluster of three run a version without the group: what they are asked for is not “not found”, and not remembered as absent; the third one loads it. Keys that are really absent stay absent.',
  metric: 'answers that were misread',
  bound: { atMost: 0 },
  runs: 5,
  shortRuns: 1,
  async run(lab) {
    const cluster = await lab.cluster({
      size: 3,
      settings: (index) => ({
        groupName: index === 0 ? 'values' : 'other',
        group: { notFoundTtlMs: 60_000 },
      }),
    })
    const caller = cluster.peer(0)
    const keys = Array.from({ length: 300 }, (_, i) => `key-${i}`)
    let misread = 0
    for (let round = 0; round < 2; round++) {
      for (const [i, value] of (await caller.tell('getEach', keys)).entries()) {
        if (!value.startsWith(`${keys[i]}, version 1`)) misread++
      }
    }
    for (let i = 0; i < 30; i++) {
      if ((await caller.tell('get', `absent-${i}`)).code !== 'not-found') misread++
    }
    const { code } = await caller.tell('remove', keys)
    lab.hold(code === undefined, `a group that is not there could not be told of a removal: ${code}`)
    lab.hold((await cluster.peer(1).tell('stats'))?.serverRequests === 0, 'the other group was asked')
    return misread
  },
}
