import { inspect } from 'node:util'
import { SyncError } from './errors.js'

/** What is wrong with a row, in the one sentence that every such fault gets. */
export const invalid = (expected: string, found: unknown): SyncError =>
  new SyncError('ERR_ENTRY_INVALID', `expected ${expected}, got ${clip(found)}`)

/** `value` as JSON where that can be, cut so that neither a message nor an outcome grows with the row. */
export const clip = (value: unknown): string => {
  const shown = show(value)
  return shown.length > 100 ? `${shown.slice(0, 100)}…` : shown
}

const show = (value: unknown): string => {
  try {
    return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part)) ?? 'nothing'
  } catch {
    // A caller's own object may hold itself.
    return inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY, customInspect: false })
  }
}
