import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

const colored = process.stdout.isTTY === true && process.env.NO_COLOR === undefined

/** `text` in a style where the terminal shows it, plain where the output is piped. */
export function paint(style: Style, text: string): string {
  return colored ? styleText(style, text) : text
}

/** A number as people write it: 3,000. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** Announces what happens next. */
export function act(title: string): void {
  console.log(`\n${paint('bold', title)}`)
}

/** Says what happened. */
export function tell(line: string): void {
  console.log(`  ${line}`)
}

/** Rows of cells in columns as wide as they need to be, numbers to the right. */
export function table(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length))) ?? []
  for (const row of rows) {
    tell(
      row
        .map((cell, column) =>
          /^[\d,]+$/.test(cell) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('   ')
        .trimEnd(),
    )
  }
}
