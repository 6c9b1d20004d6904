import type { BadRow } from './bad-row.js'
import type { Entry } from './entry.js'
import type { Code, SyncError } from './errors.js'
import { escapeControls } from './escape.js'

export type UnchangedBy = 'etag' | 'modified' | 'length' | 'not-modified' | 'manifest' | 'exists'

type Echo = {
  index: number
  url?: string
  path?: string
}

/** The asset is on disk, whole, under its final name. */
export type Stored = Echo & {
  status: 'stored'
  /** On disk. */
  bytes: number
  /** TCP payload over all attempts, HEADs and redirects included. */
  received: number
  etag?: string
  lastModified?: string
  type?: string
  digest?: string
  /** False where nothing proves that the body was whole. */
  verified?: false
  /** The Content-Encoding that was decoded while storing. */
  encoding?: string
  attempts: number
  ms: number
}

/** A sync would fetch the asset: what a plan says in the place of `stored`. */
export type Planned = Echo & {
  status: 'planned'
  /** As far as the entry tells. */
  bytes?: number
  received?: number
}

/** Nothing had to be fetched. */
export type Skipped = Echo & {
  status: 'skipped'
  reason: 'unchanged' | 'duplicate'
  by?: UnchangedBy
  /** Index of the entry that has the destination. */
  of?: number
  bytes?: number
  received?: number
  ms?: number
}

/** The asset could not be had; what was stored before is untouched. */
export type Failed = Echo & {
  status: 'failed'
  error: { code: Code; message: string; statusCode?: number; retryable: boolean; retryAt?: string }
  of?: number
  received?: number
  attempts?: number
  ms?: number
}

/** How one entry ended: exactly one for every row that was read. */
export type Outcome = Stored | Planned | Skipped | Failed

/** What flows between stages. */
export type Item = Entry | Outcome

export const isOutcome = (item: Item): item is Outcome => 'status' in item

export const stored = (entry: Entry, facts: Omit<Stored, keyof Echo | 'status'>): Stored => ({
  ...opening(entry),
  status: 'stored',
  ...facts,
  ...entry.extra,
})

export const planned = (entry: Entry, facts: { bytes?: number; received?: number }): Planned => ({
  ...opening(entry),
  status: 'planned',
  ...facts,
  ...entry.extra,
})

export const unchanged = (
  entry: Entry,
  by: UnchangedBy,
  facts: { received?: number; ms?: number; bytes?: number } = {},
): Skipped => ({
  ...opening(entry),
  status: 'skipped',
  reason: 'unchanged',
  by,
  ...facts,
  ...entry.extra,
})

/** `of` is the index of the entry that has the destination. */
export const duplicate = (entry: Entry, of: number): Skipped => ({
  ...opening(entry),
  status: 'skipped',
  reason: 'duplicate',
  of,
  ...entry.extra,
})

export const failed = (
  { index, ...entry }: Entry | BadRow,
  error: SyncError,
  facts: { of?: number; received?: number; attempts?: number; ms?: number } = {},
): Failed => ({
  ...('url' in entry ? opening({ index, ...entry }) : { index }),
  status: 'failed',
  error: {
    code: error.code,
    message: error.message,
    ...(error.statusCode !== undefined && { statusCode: error.statusCode }),
    retryable: error.retryable,
    ...(error.retryAt !== undefined && { retryAt: error.retryAt }),
  },
  ...facts,
  ...entry.extra,
})

/** One line of NDJSON, newline included, that is safe to show on a terminal: control and bidirectional characters stay escaped. */
export const toLine = (outcome: Outcome): string => `${escapeControls(JSON.stringify(outcome))}\n`

const opening = ({ index, url, path }: Entry): Echo =>
  path === undefined ? { index, url } : { index, url, path }
