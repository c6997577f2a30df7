import { expect, test } from 'vitest'
import { readArguments } from './arguments.ts'
import { seededRandom } from './random.ts'
import { report } from './report.ts'
import { median, summarize } from './summarize.ts'
import { alignedTable, markdownTable } from './table.ts'

const suite = {
  name: 'animals',
  about: 'How fast they are.',
  baseline: 'dog',
  metrics: { speed: { unit: 'M/s', better: 'more' }, weight: { unit: 'kg', better: 'less', digits: 0 } },
  contestants: { dog: never, cat: never, 'big dog': never },
  cases: { 'uphill, wet': never, 'uphill, dry': never, 'downhill, dry': never },
} as const

function never(): never {
  throw new Error('is not called')
}

test('the median of an even number of samples is the mean of the middle two', () => {
  expect(median([9, 1, 4])).toBe(4)
  expect(median([9, 1, 4, 5])).toBe(4.5)
  expect(median([])).toBe(undefined)
})

test('a ratio above 1 is better than the baseline, whether more or less of it is better', () => {
  const results = [
    { contestant: 'dog', case: 'uphill, wet', measurement: { speed: 10, weight: 20 } },
    { contestant: 'cat', case: 'uphill, wet', measurement: { speed: 20, weight: 5 } },
    { contestant: 'cat', case: 'uphill, wet', measurement: { speed: 40, weight: 5 } },
  ]
  const plan = { cases: ['uphill, wet'], contestants: ['dog', 'cat'] }
  expect(summarize(suite, plan, results)).toMatchObject([
    { contestant: 'dog', metric: 'speed', ratio: 1 },
    { contestant: 'cat', metric: 'speed', median: 30, min: 20, max: 40, rounds: 2, ratio: 3 },
    { contestant: 'dog', metric: 'weight', ratio: 1 },
    { contestant: 'cat', metric: 'weight', median: 5, ratio: 4 },
  ])
})

test('the plan holds what the command line asks for, and the baseline', () => {
  const plan = readArguments(suite, [
    '--',
    '--rounds',
    '3',
    '--only',
    'cat',
    '--case',
    'uphill',
    '--case',
    'dry',
    '--json',
  ])
  expect(plan).toEqual({
    rounds: 3,
    contestants: ['dog', 'cat'],
    cases: ['uphill, dry'],
    nodes: [process.execPath],
    format: 'json',
  })
})

test('a report names the machine, and prints a dash where a contestant has no number', () => {
  const machine = { node: 'v20.0.0', cpu: 'abacus', cores: 2, platform: 'linux x64', date: '2030-01-01' }
  const summary = {
    case: 'uphill',
    contestant: 'dog',
    metric: 'speed',
    median: 1,
    min: 1,
    max: 2,
    rounds: 7,
    ratio: 1,
  }
  const summaries = [summary, { ...summary, contestant: 'cat', metric: 'weight', median: 4, min: 4, max: 4 }]
  expect(report(suite, machine, summaries, 'markdown')).toBe(
    [
      'animals: Node.js v20.0.0, linux x64, 2 cores (abacus), 2030-01-01',
      'How fast they are.',
      'Medians of 7 interleaved rounds in separate processes, [least..most], and how many times as good as dog.',
      '**uphill**',
      '|  | speed, M/s | weight, kg |\n|---|---|---|\n| dog | 1.00 [1.00..2.00] 1.00x | - |\n| cat | - | 4 1.00x |',
      '\n',
    ]
      .join('\n\n')
      .trimEnd()
      .concat('\n\n'),
  )
})

test('an overview has one table for each metric, with the cases side by side', () => {
  const machine = { node: 'v20.0.0', cpu: 'abacus', cores: 2, platform: 'linux x64', date: '2030-01-01' }
  const one = { contestant: 'dog', metric: 'speed', median: 1, min: 1, max: 2, rounds: 7, ratio: 1 }
  const summaries = [
    { ...one, case: 'uphill' },
    { ...one, case: 'downhill', median: 3 },
    { ...one, case: 'downhill', contestant: 'cat', median: 4 },
  ]
  expect(report(suite, machine, summaries, 'overview')).toContain(
    '**speed, M/s**\n\n|  | uphill | downhill |\n|---|---|---|\n| dog | 1.00 | 3.00 |\n| cat | - | 4.00 |',
  )
})

test('tables line up', () => {
  expect(
    alignedTable([
      ['', 'a'],
      ['long', 'b'],
    ]),
  ).toBe('      a\n----  -\nlong  b')
  expect(
    markdownTable([
      ['', 'a'],
      ['long', 'b'],
    ]),
  ).toBe('|  | a |\n|---|---|\n| long | b |')
})

test('seeded random numbers repeat, and spread', () => {
  const random = seededRandom(1)
  const again = seededRandom(1)
  const numbers = Array.from({ length: 1000 }, () => random())
  expect(numbers).toEqual(Array.from({ length: 1000 }, () => again()))
  const mean = numbers.reduce((sum, number) => sum + number) / numbers.length
  expect(mean).toBeGreaterThan(0.45)
  expect(mean).toBeLessThan(0.55)
})
