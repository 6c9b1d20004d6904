import type { BadRow } from './bad-row.js'
import type { Entry } from './entry.js'
import type { Code, SyncError } from './errors.js'
import { escapeControls } from './escape.js'

/** What told that a stored asset is still what its origin has. */
export type UnchangedBy = 'etag' | 'modified' | 'length' | 'not-modified' | 'manifest' | 'exists'

/** What every outcome repeats of its entry. */
export type Echo = {
  /** Position among all rows of the run, from 0. */
  index: number
  /** As given, user info and query included. */
  url?: string
  /** Below the root; absent where it was never decided. */
  path?: string
}

/** The asset is kept, whole, under its final name. */
export type Stored = Echo & {
  status: 'stored'
  /** Bytes on disk. */
  bytes: number
  /** TCP payload over all attempts, HEADs and redirects included. */
  received: number
  /** As the origin gave it (RFC 9110 section 8.8.3). */
  etag?: string
  /** As the origin gave it (RFC 9110 section 8.8.2). */
  lastModified?: string
  /** Content-Type as the origin gave it. */
  type?: string
  /** Of the bytes on disk, as an SRI value; absent with `digest: 'none'`. */
  digest?: string
  /** False where nothing proves that the body was whole. */
  verified?: false
  /** The Content-Encoding that was decoded while storing. */
  encoding?: string
  /** Attempts at the body, the first one included. */
  attempts: number
  /** Milliseconds from the entry's turn to its outcome. */
  ms: number
}

/** A sync would fetch the asset: what a plan says in the place of `stored`. */
export type Planned = Echo & {
  status: 'planned'
  /** As far as the entry tells. */
  bytes?: number
  /** TCP payload that it took to find out. */
  received?: number
}

/** Nothing had to be fetched. */
export type Skipped = Echo & {
  status: 'skipped'
  reason: 'unchanged' | 'duplicate'
  /** Of what is unchanged: what told so. */
  by?: UnchangedBy
  /** Of a duplicate: index of the entry that has the destination. */
  of?: number
  /** Bytes on disk. */
  bytes?: number
  /** TCP payload that it took to find out. */
  received?: number
  /** Milliseconds from the entry's turn to its outcome. */
  ms?: number
}

/** Why an entry failed. */
export type Failure = {
  /** What to tell errors apart by; the message is for people, and may change. */
  code: Code
  message: string
  /** Of the last answer, where it is what failed. */
  statusCode?: number
  /** Whether a later run may succeed where this one failed. */
  retryable: boolean
  /** ISO 8601: when the origin can be asked again. */
  retryAt?: string
}

/** The asset could not be had; what was stored before is untouched. */
export type Failed = Echo & {
  status: 'failed'
  error: Failure
  /** Index of the entry that has the destination. */
  of?: number
  /** TCP payload over all attempts. */
  received?: number
  /** Attempts at the body, the first one included. */
  attempts?: number
  /** Milliseconds from the entry's turn to its outcome. */
  ms?: number
  /** What can be shown of a row that is no entry. */
  row?: unknown
}

/** How one entry ended, told apart by `status`: exactly one for every row that was read, with its extra fields as they were given. */
export type Outcome<Extra = unknown> = (Stored | Planned | Skipped | Failed) & Extra

/** What flows between stages. */
export type Item = Entry | Outcome

export const isOutcome = (item: Item): item is Outcome => 'status' in item

export const stored = (entry: Entry, facts: Omit<Stored, keyof Echo | 'status'>): Stored =>
  withExtra(Object.assign(opening(entry, 'stored'), facts), entry)

export const planned = (entry: Entry, facts: { bytes?: number; received?: number }): Planned =>
  withExtra(Object.assign(opening(entry, 'planned'), facts), entry)

export const unchanged = (
  entry: Entry,
  by: UnchangedBy,
  facts: { received?: number; ms?: number; bytes?: number } = {},
): Skipped =>
  withExtra(Object.assign(opening(entry, 'skipped'), { reason: 'unchanged' as const, by }, facts), entry)

/** `of` is the index of the entry that has the destination. */
export const duplicate = (entry: Entry, of: number): Skipped =>
  withExtra(Object.assign(opening(entry, 'skipped'), { reason: 'duplicate' as const, of }), entry)

export const failed = (
  entry: Entry | BadRow,
  error: SyncError,
  facts: { of?: number; received?: number; attempts?: number; ms?: number } = {},
): Failed => {
  const failure: Failure = {
    code: error.code,
    message: error.message,
    ...(error.statusCode !== undefined && { statusCode: error.statusCode }),
    retryable: error.retryable,
    ...(error.retryAt !== undefined && { retryAt: error.retryAt }),
  }
  const echo =
    'url' in entry ? opening(entry, 'failed' as const) : { index: entry.index, status: 'failed' as const }
  return withExtra(Object.assign(echo, { error: failure }, facts), entry)
}

/** One line of NDJSON, newline included, that is safe to show on a terminal: control and bidirectional characters stay escaped. */
export const toLine = (outcome: Outcome): string => `${escapeControls(JSON.stringify(outcome))}\n`

/** An outcome with the fields that the entry brought along: one called __proto__ is a field like any other. */
const withExtra = <T extends object>(outcome: T, { extra }: Pick<Entry, 'extra'>): T => {
  if (!Object.hasOwn(extra, '__proto__')) return Object.assign(outcome, extra)
  return Object.defineProperties(outcome, Object.getOwnPropertyDescriptors(extra))
}

const opening = <Status extends string>(
  { index, url, path }: Entry,
  status: Status,
): Echo & { status: Status } => (path === undefined ? { index, url, status } : { index, url, path, status })
