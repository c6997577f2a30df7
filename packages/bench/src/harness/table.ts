/** Rows of cells as text in columns, the first row underlined. */
export function alignedTable(rows: readonly (readonly string[])[]): string {
  const widths = columnWidths(rows)
  const lines = rows.map((row) =>
    row
      .map((text, i) => text.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  )
  return lines.toSpliced(1, 0, widths.map((width) => '-'.repeat(width)).join('  ')).join('\n')
}

/** Rows of cells as a markdown table, the first row its header. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const lines = rows.map((row) => `| ${row.join(' | ')} |`)
  return lines.toSpliced(1, 0, `|${'---|'.repeat(columnWidths(rows).length)}`).join('\n')
}

function columnWidths(rows: readonly (readonly string[])[]): number[] {
  const columns = Math.max(...rows.map((row) => row.length))
  return Array.from({ length: columns }, (_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
}
