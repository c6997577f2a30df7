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

/** A plot as SVG. */
export function svgOf(plot: Plot): string {
  const { series, marks = [], logY = false } = plot
  const points = series.flatMap((one) => one.points)
  const xs = [...points.map(([x]) => x), ...marks.map(({ at }) => at)]
  const ys = points.map(([, y]) => y)
  if (points.length === 0) return ''
  const [minX, maxX] = spread(least(xs), most(xs))
  const lift = (y: number) => (logY ? Math.log10(Math.max(y, floor)) : y)
  const floor = Math.max(1e-3, least(ys.filter((y) => y > 0)))
  const [minY, maxY] = spread(logY ? lift(least(ys)) : Math.min(0, least(ys)), lift(most(ys)))
  const px = (x: number) => left + ((x - minX) / (maxX - minX)) * (width - left - right)
  const py = (y: number) => height - bottom - ((lift(y) - minY) / (maxY - minY)) * (height - top - bottom)
  const ticksY = Array.from({ length: 5 }, (_, i) => minY + (i / 4) * (maxY - minY))
  const ticksX = Array.from({ length: 6 }, (_, i) => minX + (i / 5) * (maxX - minX))
  const parts = [
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(plot.title)}">`,
    `<text x="${left}" y="16" class="title">${escapeText(plot.title)}</text>`,
    ...ticksY.map((tick) => {
      const y = round(height - bottom - ((tick - minY) / (maxY - minY)) * (height - top - bottom))
      const label = formatNumber(logY ? 10 ** tick : tick)
      return `<line x1="${left}" x2="${width - right}" y1="${y}" y2="${y}" class="grid"/><text x="${left - 6}" y="${y + 4}" class="tick end">${label}</text>`
    }),
    ...ticksX.map(
      (tick) =>
        `<text x="${round(px(tick))}" y="${height - bottom + 16}" class="tick mid">${formatNumber(tick)}</text>`,
    ),
    `<text x="${width - right}" y="${height - 8}" class="tick end">${escapeText(plot.x)}</text>`,
    `<text x="8" y="${top + 8}" class="tick">${escapeText(plot.y)}</text>`,
    ...marks.map(({ at, label }, i) => {
      const x = round(px(at))
      return `<line x1="${x}" x2="${x}" y1="${top}" y2="${height - bottom}" class="mark"/><text x="${x + 3}" y="${top + 10 + 11 * (i % 4)}" class="tick">${escapeText(label)}</text>`
    }),
    ...series.map((one, i) => {
      const path = thinned(one.points, minX, maxX).map(([x, y]) => `${round(px(x))},${round(py(y))}`)
      return `<polyline points="${path.join(' ')}" fill="none" stroke="${colours[i % colours.length]}" stroke-width="1.3"/>`
    }),
    ...(series.length > 1
      ? series.map(
          ({ name }, i) =>
            `<text x="${left + 110 * i}" y="${height - 8}" class="tick" fill="${colours[i % colours.length]}">${escapeText(name)}</text>`,
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
  minX: number,
  maxX: number,
): readonly (readonly [number, number])[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0])
  if (sorted.length <= 2 * columns) return sorted
  const kept = new Map<number, (readonly [number, number])[]>()
  for (const point of sorted) {
    const column = Math.floor(((point[0] - minX) / (maxX - minX)) * columns)
    const [low, high] = kept.get(column) ?? [point, point]
    kept.set(column, [
      point[1] < (low as readonly [number, number])[1] ? point : (low as readonly [number, number]),
      point[1] > (high as readonly [number, number])[1] ? point : (high as readonly [number, number]),
    ])
  }
  return [...kept.values()].flat()
}

function spread(low: number, high: number): [number, number] {
  return high > low ? [low, high] : [low - 1, low + 1]
}

function least(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
}

function most(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
