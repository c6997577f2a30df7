import { type LabCase, Skipped } from '../lab/case.ts'

/** Replays, which a secret in a header cannot prevent. */
export const b8: LabCase = {
  id: 'B8',
  title: 'A request is captured and sent again',
  does: 'Does not apply: requests are not signed. Who can listen in can read the secret, and needs no replay; the page on security of @geecache/http says so, and that TLS is what helps.',
  metric: 'replays that were taken',
  bound: { atMost: 0 },
  runs: 1,
  shortRuns: 1,
  async run() {
    throw new Skipped('does not apply, requests are not signed; against who listens in, TLS helps')
  },
}
