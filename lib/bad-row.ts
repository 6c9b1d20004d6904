import { echo } from './echo.js'
import { type Entry, parseEntry } from './entry.js'
import { SyncError } from './errors.js'
import { clip } from './invalid.js'

/** A row that a source knows to be no entry, such as a line that is not JSON: what it yields in its place. */
export class BrokenRow {
  /** The row as far as it is a value, else its text. */
  readonly row: unknown
  readonly error: SyncError
  constructor(row: unknown, error: SyncError) {
    this.row = row
    this.error = error
  }
}

/** A row that cannot become an entry, and why. */
export type BadRow = {
  readonly index: number
  /** What can be echoed of the row. */
  readonly extra: Readonly<Record<string, unknown>>
  readonly error: SyncError
}

/** As parseEntry, but a row that cannot be one comes back as the reason. */
export const toEntry = (row: unknown, index: number): Entry | BadRow => {
  if (row instanceof BrokenRow) return badRow(row.row, index, row.error)
  try {
    return parsedOr(row instanceof URL ? row.href : row, index)
  } catch (error) {
    // A row of the caller's own can have getters, and they can throw.
    return { index, error: unreadable(error), extra: {} }
  }
}

const parsedOr = (row: unknown, index: number): Entry | BadRow => {
  try {
    return parseEntry(row, index)
  } catch (error) {
    if (!(error instanceof SyncError)) throw error
    // A string is a URL, whatever it says: the outcome has it where that of an entry has its own.
    return typeof row === 'string' ? { index, error, extra: { url: row } } : badRow(row, index, error)
  }
}

const unreadable = (error: unknown): SyncError =>
  new SyncError(
    'ERR_ENTRY_INVALID',
    `the row cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    { cause: error },
  )

/** A bad row with as much of it as an outcome can repeat: its fields, or the first 200 characters of its text. */
export const badRow = (row: unknown, index: number, error: SyncError): BadRow => {
  if (typeof row === 'string') return { index, error, extra: { row: row.slice(0, 200) } }
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    return { index, error, extra: { row: clip(row) } }
  const fields = row as Record<string, unknown>
  const { url, path } = fields
  const extra = { ...(url !== undefined && { url }), ...(path !== undefined && { path }), ...echo(fields) }
  return {
    index,
    error,
    extra: Object.fromEntries(Object.entries(extra).map(([name, value]) => [name, repeatable(value)])),
  }
}

/** A field as it was given, or what can be shown of one that no line of JSON could hold, such as an object that holds itself. */
const repeatable = (value: unknown): unknown => {
  if (value instanceof URL) return value.href
  try {
    JSON.stringify(value)
    return value
  } catch {
    return clip(value)
  }
}

export const isBadRow = (item: object): item is BadRow => 'error' in item && !('status' in item)
