/** What a table shows of each row. */
export type Column = {
  /** The field of the row. */
  key: string
  title: string
  /** Decimals of a number; 0 unless given. */
  digits?: number
  /** Behind every number: `x`, ` ms`. */
  unit?: string
}

/** A field that is missing is shown as nothing; numbers stand right. */
export type Row = Readonly<Record<string, string | number | undefined>>

/** A table for a terminal, its columns aligned, one line per row. */
export const table = (columns: readonly Column[], rows: readonly Row[]): string => {
  const cells = rows.map(row => columns.map(column => format(column, row[column.key])))
  const lines = [columns.map(({ title }) => title), ...cells]
  const widths = columns.map((_, at) => Math.max(...lines.map(line => line[at]?.length ?? 0)))
  const isNumeric = columns.map(column => areNumbers(column, rows))
  const toLine = (line: readonly string[]): string =>
    line
      .map((cell, at) => (isNumeric[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd()
  const rule = widths.map(width => '-'.repeat(width)).join('  ')
  return [toLine(lines[0] ?? []), rule, ...cells.map(toLine)].map(line => `${line}\n`).join('')
}

/** The same as Markdown. */
export const markdown = (columns: readonly Column[], rows: readonly Row[]): string => {
  const toLine = (cells: readonly string[]): string =>
    `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
  return [
    toLine(columns.map(({ title }) => title)),
    toLine(columns.map(column => (areNumbers(column, rows) ? '---:' : '---'))),
    ...rows.map(row => toLine(columns.map(column => format(column, row[column.key])))),
  ].join('')
}

const areNumbers = ({ key }: Column, rows: readonly Row[]): boolean =>
  rows.some(row => typeof row[key] === 'number')

const format = ({ digits = 0, unit = '' }: Column, value: string | number | undefined): string => {
  if (typeof value !== 'number') return value ?? ''
  if (!Number.isFinite(value)) return ''
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits }
  return `${value.toLocaleString('en', options)}${unit}`
}
