import { describe, expect, it } from 'vitest'
import { readCommandLine, usage } from './command-line.ts'

describe('the command line', () => {
  it('runs every case when nothing is said', () => {
    expect(readCommandLine([])).toEqual({
      ids: [],
      short: false,
      runs: undefined,
      seed: 1,
      off: undefined,
      what: 'run',
    })
  })

  it('runs what it is told', () => {
    const args = ['a2', 'C4', '--short', '--runs', '3', '--seed=7', '--off', 'fence']
    expect(readCommandLine(args)).toMatchObject({
      ids: ['A2', 'C4'],
      short: true,
      runs: 3,
      seed: 7,
      off: 'fence',
    })
  })

  it('explains itself', () => {
    expect(readCommandLine(['--help']).what).toBe('help')
    expect(usage).toContain('fence')
  })

  it.each([
    [['--off', 'nothing'], '--off must be one of fence, '],
    [['--runs', '0'], '--runs must be a whole number from 1 up, got "0"'],
    [['--seed', 'x'], '--seed must be a whole number from 1 up, got "x"'],
    [['--shrot'], "Unknown option '--shrot'"],
  ])('refuses %j', (args, message) => {
    expect(() => readCommandLine(args)).toThrow(message)
  })
})
