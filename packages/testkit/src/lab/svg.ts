import { axisOf } from './axis.ts'
import type { Plot } from './case.ts'
import { formatNumber } from './result.ts'

const width = 860
const height = 280
const left = 64
const right = 16
const top = 28
const bottom = 44
const colours = ['#2563eb', '#dc2626', '#059669', '#d97706', '#7c3aed', '#0891b2', '#be185d', '#4d7c0f']
/** More points than that are not to be told apart: of each column of the picture, the extremes are kept. */
const columns = 400
/** More labels than that would cover each other. */
const mostLabels = 20

/** How plots look. */
export const plotStyle = `.grid { stroke: #e5e7eb } .mark { stroke: #9ca3af; stroke-dasharray: 3 3 }
.tick { font: 10px system-ui, sans-serif; fill: #4b5563; paint-order: stroke; stroke: #fff; stroke-width: 3px }
.end { text-anchor: end } .mid { text-anchor: middle } .title { font: 600 12px system-ui, sans-serif; fill: #1f2937 }`

/** A plot as a file of its own. */
export function svgFileOf(plot: Plot): string {
  const style = `<style>${plotStyle}</style><rect width="100%" height="100%" fill="#fff"/>`
  return svgOf(plot).replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ').replace('>', `>${style}`)
}

/** A plot as SVG. */
export function svgOf(plot: Plot): string {
  const { series, marks = [], logX = false, logY = false } = plot
  const points = series.flatMap((one) => one.points)
  if (points.length === 0) return ''
  const xAxis = axisOf([...points.map(([x]) => x), ...marks.map(({ at }) => at)], { isLog: logX })
  const yAxis = axisOf([...(logY ? [] : [0]), ...points.map(([, y]) => y)], { isLog: logY })
  const px = (x: number) => round(left + xAxis.at(x) * (width - left - right))
  const py = (y: number) => round(height - bottom - yAxis.at(y) * (height - top - bottom))
  const parts = [
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(plot.title)}">`,
    `<text x="${left}" y="16" class="title">${escapeText(plot.title)}<tspan class="tick" dx="10">${escapeText(plot.y)}</tspan></text>`,
    ...yAxis.ticks.map((tick) => {
      const y = py(tick)
      return `<line x1="${left}" x2="${width - right}" y1="${y}" y2="${y}" class="grid"/><text x="${left - 6}" y="${y + 4}" class="tick end">${formatNumber(tick)}</text>`
    }),
    ...xAxis.ticks.map(
      (tick) =>
        `<text x="${px(tick)}" y="${height - bottom + 16}" class="tick mid">${formatNumber(tick)}</text>`,
    ),
    `<text x="${width - right}" y="${height - 8}" class="tick end">${escapeText(plot.x)}</text>`,
    ...series.map((one, i) => {
      const path = thinned(one.points, px).map(([x, y]) => `${px(x)},${py(y)}`)
      return `<polyline points="${path.join(' ')}" fill="none" stroke="${colours[i % colours.length]}" stroke-width="1.3"/>`
    }),
    // Above the curves, so that they can be read.
    ...marks.map(({ at, label }, i) => {
      const x = px(at)
      return `<line x1="${x}" x2="${x}" y1="${top}" y2="${height - bottom}" class="mark"/><text x="${x + 3}" y="${top + 10 + 11 * (i % 4)}" class="tick">${marks.length > mostLabels ? '' : escapeText(label)}</text>`
    }),
    ...(series.length > 1
      ? series.map(
          ({ name }, i) =>
            `<text x="${left + 150 * i}" y="${height - 8}" class="tick" style="fill: ${colours[i % colours.length]}">${escapeText(name)}</text>`,
        )
      : []),
    '</svg>',
  ]
  return parts.join('')
}

export function escapeText(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return text.replace(/[&<>"]/g, (char) => names[char] as string)
}

/** Of each column of the picture, the lowest and the highest point. */
function thinned(
  points: readonly (readonly [number, number])[],
  px: (x: number) => number,
): readonly (readonly [number, number])[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0])
  if (sorted.length <= 2 * columns) return sorted
  const kept = new Map<number, (readonly [number, number])[]>()
  for (const point of sorted) {
    const column = Math.floor((px(point[0]) / width) * columns)
    const [low = point, high = point] = kept.get(column) ?? []
    kept.set(column, [point[1] < low[1] ? point : low, point[1] > high[1] ? point : high])
  }
  return [...kept.values()].flat()
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
