import { SyncError } from './errors.js'

/** What is wrong with a row, in the one sentence that every such fault gets. */
export const invalid = (expected: string, found: unknown): SyncError =>
  new SyncError('ERR_ENTRY_INVALID', `expected ${expected}, got ${clip(found)}`)

/** `value` as JSON, cut so that neither a message nor an outcome grows with the row. */
export const clip = (value: unknown): string => {
  const shown =
    JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part)) ?? 'nothing'
  return shown.length > 100 ? `${shown.slice(0, 100)}…` : shown
}
