/** Where numbers stand along one side of a plot. */
export interface Axis {
  /** The numbers that are written at it: round ones. */
  readonly ticks: readonly number[]
  /** The place of a number: 0 is one end, 1 the other. */
  at(value: number): number
}

// More would not be read.
const mostTicks = 7
const smallest = 1e-3

/** An axis from the least of some numbers to the greatest. */
export function axisOf(values: readonly number[], { isLog = false }: { isLog?: boolean } = {}): Axis {
  const shown = isLog ? values.map((value) => Math.max(value, smallest)) : values
  const [low, high] = spread(least(shown), most(shown))
  if (!isLog) return { ticks: evenTicks(low, high), at: (value) => (value - low) / (high - low) }
  const [bottom, top] = [Math.log10(Math.max(low, smallest)), Math.log10(high)]
  const at = (value: number) => (Math.log10(Math.max(value, smallest)) - bottom) / (top - bottom)
  return { ticks: powerTicks(bottom, top), at }
}

/** Multiples of 1, 2 or 5 with some zeros. */
function evenTicks(low: number, high: number): readonly number[] {
  const rough = (high - low) / mostTicks
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((size) => size >= rough) as number
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, i) => round((first + i) * step))
}

/** Powers of ten; where there are few, what is twice and five times as much as well. */
function powerTicks(bottom: number, top: number): readonly number[] {
  const digits = top - bottom > 3 ? [1] : [1, 2, 5]
  const ticks: number[] = []
  for (let power = Math.floor(bottom); power <= top; power++) {
    for (const digit of digits) ticks.push(round(digit * 10 ** power))
  }
  return ticks.filter((tick) => Math.log10(tick) >= bottom - 1e-9 && Math.log10(tick) <= top + 1e-9)
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

/** Without the dust of binary fractions. */
function round(value: number): number {
  return Number(value.toPrecision(12))
}
