import { type LabCase, Skipped } from '../lab/case.ts'

/** Hedging, which there is none of. */
export const a15: LabCase = {
  id: 'A15',
  title: 'A storm of hedged requests',
  does: 'Does not apply: no request is sent to a second peer while the first may still answer.',
  metric: 'hedged requests',
  bound: { atMost: 0 },
  runs: 1,
  shortRuns: 1,
  async run() {
    throw new Skipped('does not apply, no request is hedged')
  },
}
