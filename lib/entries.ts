import { isBadRow, toEntry } from './bad-row.js'
import { failed, type Item } from './outcome.js'

/** Turns rows (URLs, or objects with a `url`) into entries, numbered from 0 as they come; a row that cannot be one is its own failed outcome. */
export const entries = (): ((row: unknown) => Item) => {
  let read = 0
  return row => {
    const entry = toEntry(row, read++)
    return isBadRow(entry) ? failed(entry, entry.error) : entry
  }
}
