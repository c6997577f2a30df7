// Draws docs/shares.svg: the part of the keys that each of 100 nodes owns, on the balanced ring and on Go's.
// Run as `npx tsx scripts/draw-shares.ts` in this package.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { goRing, HashRing } from '../src/index.ts'

const NODES = Array.from({ length: 100 }, (_, i) => `http://10.0.0.${i + 1}:8080`)
const BAR = 6
const PANEL = { left: 52, width: NODES.length * BAR, height: 150, gap: 62, top: 44 }
/** The share at the top of a panel, over the mean. */
const TOP = 1.8

const panels = [
  { title: 'the balanced ring', ring: new HashRing().add(...NODES) },
  { title: 'goRing, as in golang/groupcache', ring: new HashRing(goRing).add(...NODES) },
]

const width = PANEL.left + PANEL.width + 16
const height = PANEL.top + panels.length * (PANEL.height + PANEL.gap) - 46

const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Share per node of 100 nodes, over the mean">
<style>
  text { font: 12px system-ui, sans-serif; fill: #57606a }
  .title { font-size: 14px; font-weight: 600; fill: #24292f }
  .bar { fill: #2f81f7 }
  .heaviest { fill: #d1592b }
  .line { stroke: #8b949e; stroke-opacity: 0.35 }
  .mean { stroke: #8b949e; stroke-dasharray: 4 3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #9198a1 }
    .title { fill: #e6edf3 }
    .heaviest { fill: #f0883e }
  }
</style>
${panels.map(({ title, ring }, i) => panel(title, ring, PANEL.top + i * (PANEL.height + PANEL.gap))).join('\n')}
</svg>
`
writeFileSync(join(import.meta.dirname, '../docs/shares.svg'), svg)

function panel(title: string, ring: HashRing, top: number): string {
  const shares = [...ring.shares().values()].map((share) => share * NODES.length)
  const heaviest = Math.max(...shares)
  const y = (value: number) => round(top + PANEL.height * (1 - value / TOP))
  const grid = [0, 0.5, 1, 1.5].map((value) => {
    const line = `<line class="${value === 1 ? 'mean' : 'line'}" x1="${PANEL.left}" x2="${PANEL.left + PANEL.width}" y1="${y(value)}" y2="${y(value)}"/>`
    return `${line}<text x="${PANEL.left - 8}" y="${y(value) + 4}" text-anchor="end">${value}</text>`
  })
  const bars = shares.map((share, i) => {
    const x = PANEL.left + i * BAR + 1
    const name = share === heaviest ? 'heaviest' : 'bar'
    return `<rect class="${name}" x="${x}" y="${y(share)}" width="${BAR - 2}" height="${round(y(0) - y(share))}"/>`
  })
  const summary = `heaviest ${heaviest.toFixed(2)}, lightest ${Math.min(...shares).toFixed(2)} times the mean`
  return [
    `<text class="title" x="${PANEL.left}" y="${top - 18}">${title}</text>`,
    `<text x="${PANEL.left + PANEL.width}" y="${top - 18}" text-anchor="end">${summary}</text>`,
    ...bars,
    ...grid,
  ].join('\n')
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
