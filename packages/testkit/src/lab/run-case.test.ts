import { describe, expect, it } from 'vitest'
import { type Lab, type LabCase, Skipped } from './case.ts'
import { runCase } from './run-case.ts'

function caseOf(run: (lab: Lab) => Promise<number>): LabCase {
  const parts = { id: 'X1', title: 'x', does: 'x', metric: 'things', bound: { atMost: 2 } }
  return { ...parts, runs: 4, shortRuns: 2, run }
}

const settings = { short: false, seed: 5 }

describe('a case', () => {
  it('is run as often as it should be, each time with a seed of its own', async () => {
    const seeds: number[] = []
    const one = caseOf(async ({ seed }) => seeds.push(seed) * 0)
    expect(await runCase(one, settings)).toMatchObject({ runs: 4, pass: 4, value: 0, failures: [] })
    expect(await runCase(one, { ...settings, short: true })).toMatchObject({ runs: 2 })
    expect(await runCase(one, { ...settings, runs: 1 })).toMatchObject({ runs: 1 })
    expect(seeds).toEqual([5, 6, 7, 8, 5, 6, 5])
  })

  it('fails where its number is out of bounds, something does not hold, or it throws', async () => {
    const one = caseOf(async (lab) => {
      const { round } = lab
      if (round === 1) lab.hold(false, 'the sky has fallen')
      if (round === 2) throw new Error('stumbled')
      return round === 3 ? 7 : 1
    })
    const { pass, value, failures } = await runCase(one, settings)
    expect([pass, value]).toEqual([1, 7])
    expect(failures[0]).toBe('run 2 (seed 6): the sky has fallen')
    expect(failures[1]).toContain('run 3 (seed 7): Error: stumbled')
    expect(failures[2]).toBe('run 4 (seed 8): 7 is not ≤ 2: things')
  })

  it('ends with the first run that fails, where that is all one wants to know', async () => {
    const one = caseOf(async ({ round }) => (round === 1 ? 7 : 1))
    const options = { ...settings, short: true, untilFailure: true }
    expect(await runCase(one, options)).toMatchObject({ runs: 2, pass: 1 })
  })

  it('keeps the largest of each note, and the plots of its first run', async () => {
    const one = caseOf(async (lab) => {
      const { round } = lab
      lab.note('size', round === 2 ? 9 : round)
      lab.plot({ title: `${round}`, x: '', y: '', series: [] })
      return 0
    })
    const { notes, plots } = await runCase(one, settings)
    expect(notes).toEqual({ size: 9 })
    expect(plots.map(({ title }) => title)).toEqual(['0'])
  })

  it('may be skipped, with the reason', async () => {
    const one = caseOf(async () => {
      throw new Skipped('needs root')
    })
    expect(await runCase(one, settings)).toMatchObject({ runs: 0, skipped: 'needs root' })
  })

  it('takes down what it used, the last first, however it ends', async () => {
    const order: string[] = []
    const resource = (name: string) => ({
      async [Symbol.asyncDispose]() {
        order.push(name)
        if (name === 'b') throw new Error('stuck')
      },
    })
    const one = caseOf(async (lab) => {
      lab.use(resource('a'))
      lab.use(resource('b'))
      throw new Error('stumbled')
    })
    const { failures } = await runCase(one, { ...settings, runs: 1 })
    expect(order).toEqual(['b', 'a'])
    expect(failures[1]).toContain('while taking down: Error: stuck')
  })

  it('fails when a process breaks what must hold of it', async () => {
    const one = caseOf(async (lab) => {
      const cluster = await lab.cluster({ size: 0 })
      cluster.violations = async () => ['it accounts for 11 bytes of 10']
      return 0
    })
    const { pass, value, failures } = await runCase(one, { ...settings, runs: 1 })
    expect([pass, value, failures]).toEqual([0, 0, ['run 1 (seed 5): it accounts for 11 bytes of 10']])
  })
})
