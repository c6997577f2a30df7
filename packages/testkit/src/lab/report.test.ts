import { describe, expect, it } from 'vitest'
import type { Plot } from './case.ts'
import { formatHtml } from './html.ts'
import { formatNumber, held, type Result, worse } from './result.ts'
import { svgFileOf, svgOf } from './svg.ts'
import { formatTable } from './table.ts'

const good: Result = {
  id: 'A1',
  title: 'A peer dies',
  does: 'It is <killed>.',
  seed: 1,
  runs: 3,
  pass: 3,
  metric: 'failed gets',
  value: 0,
  bound: { atMost: 0 },
  ms: 1234,
  notes: { 'p99 of a get, ms': 12.345 },
  failures: [],
  plots: [],
}
const bad: Result = { ...good, id: 'A2', pass: 1, value: 7, failures: ['run 2 (seed 2): 7 is not ≤ 0'] }

describe('the table', () => {
  it('has a line for each case, and marks what did not hold', () => {
    expect(
      formatTable([
        good,
        bad,
        { ...good, id: 'A10', runs: 0, pass: 0, value: undefined, skipped: 'no root' },
      ]),
    ).toBe(
      [
        'case  held     number  bound   time     what',
        'A1    3/3           0  ≤ 0    1.2 s     A peer dies: failed gets',
        'A2    1/3           7  ≤ 0    1.2 s  ✗  A peer dies: failed gets',
        'A10   skipped       –  ≤ 0    1.2 s     A peer dies: no root',
      ].join('\n'),
    )
  })
})

describe('a result', () => {
  it('holds if every run did, or there was none', () => {
    expect([held(good), held(bad), held({ ...bad, skipped: 'no root' })]).toEqual([true, false, true])
  })

  it('keeps the worst number, as its bound sees it', () => {
    expect([
      worse(undefined, 3, { atMost: 5 }),
      worse(3, 2, { atMost: 5 }),
      worse(3, 2, { atLeast: 1 }),
    ]).toEqual([3, 3, 2])
  })

  it('is written with three digits', () => {
    expect([1234567, 0.123456, 123.456, 12.3456, 0].map(formatNumber)).toEqual([
      '1,234,567',
      '0.123',
      '123',
      '12.3',
      '0',
    ])
  })
})

describe('the page', () => {
  it('shows every case, its numbers and what went wrong, as text', () => {
    const page = formatHtml({ title: 'Survivors', lines: ['1 of 2'] }, [good, bad])
    expect(page).toContain('It is &lt;killed&gt;.')
    expect(page).toContain('12.3')
    expect(page).toContain('run 2 (seed 2): 7 is not ≤ 0')
    expect(page.match(/class="bad"/g)?.length).toBe(1)
  })
})

describe('a plot', () => {
  const points = (path: string) => path.match(/points="([^"]*)"/)?.[1]?.split(' ') ?? []

  it('draws its points from left to right and from bottom to top', () => {
    const plot: Plot = {
      title: 'a < b',
      x: 's',
      y: 'ms',
      series: [
        {
          name: 'a',
          points: [
            [2, 10],
            [0, 0],
            [1, 5],
          ],
        },
      ],
    }
    const svg = svgOf(plot)
    expect(svg).toContain('a &lt; b')
    expect(points(svg)).toEqual(['64,236', '454,132', '844,28'])
  })

  it('keeps the extremes of many points', () => {
    const many = Array.from({ length: 100_000 }, (_, i): [number, number] => [i, i === 77_777 ? 1000 : 1])
    const drawn = points(svgOf({ title: '', x: '', y: '', series: [{ name: 'a', points: many }] }))
    expect(drawn.length).toBeLessThan(1000)
    expect(drawn.some((point) => point.endsWith(',28'))).toBe(true)
  })

  it('marks what happened when', () => {
    const marks = [{ at: 1, label: 'killed' }]
    const svg = svgOf({
      title: '',
      x: '',
      y: '',
      logY: true,
      marks,
      series: [
        {
          name: 'a',
          points: [
            [0, 1],
            [2, 100],
          ],
        },
      ],
    })
    expect(svg).toContain('killed')
    expect(svg).toContain('x1="454"')
  })

  it('may be a file of its own', () => {
    const plot: Plot = { title: 'a', x: '', y: '', series: [{ name: 'a', points: [[1, 1]] }] }
    expect(svgFileOf(plot)).toMatch(/^<svg xmlns="[^"]*" [^>]*><style>.*<\/svg>$/s)
  })

  it('is nothing without points', () => {
    expect(svgOf({ title: '', x: '', y: '', series: [] })).toBe('')
  })
})
