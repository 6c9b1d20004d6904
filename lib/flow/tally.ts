import { type Code, SyncError } from '../errors.js'
import { type Item, isOutcome, type Outcome } from '../outcome.js'

/** Counts of outcomes so far. */
export type Tally = {
  /** Rows that have their outcome; always the sum of stored, planned, skipped and failed. */
  entries: number
  stored: number
  /** What a plan would have a sync fetch. */
  planned?: {
    assets: number
    /** Bytes of those whose size is known. */
    bytes: number
    /** How many are of unknown size. */
    unknownSize: number
  }
  /** Counts by reason. */
  skipped: Partial<Record<'unchanged' | 'duplicate', number>>
  /** Counts by code. */
  failed: Partial<Record<Code, number>>
  bytesStored: number
  /** Bytes that unchanged assets did not have to cross the link, where their length is known. */
  bytesSaved: number
  /** ISO 8601: the earliest moment at which an origin that asked to wait can be asked again. */
  resumeAt?: string
}

export const newTally = (): Tally => ({
  entries: 0,
  stored: 0,
  skipped: {},
  failed: {},
  bytesStored: 0,
  bytesSaved: 0,
})

/** The same for a plan, which tells what is planned also where that is nothing. */
export const newPlanTally = (): Tally => ({
  ...newTally(),
  planned: { assets: 0, bytes: 0, unknownSize: 0 },
})

/** Counts an outcome in; throws for anything else, since the end of the pipe lets nothing else out. */
export const count = (tally: Tally, item: Item): Outcome => {
  if (!isOutcome(item)) throw new TypeError(`entry ${item.index} came to the end without an outcome`)
  tally.entries++
  if (item.status === 'stored') {
    tally.stored++
    tally.bytesStored += item.bytes
  } else if (item.status === 'planned') {
    const { assets, bytes, unknownSize } = tally.planned ?? { assets: 0, bytes: 0, unknownSize: 0 }
    tally.planned = {
      assets: assets + 1,
      bytes: bytes + (item.bytes ?? 0),
      unknownSize: unknownSize + (item.bytes === undefined ? 1 : 0),
    }
  } else if (item.status === 'skipped') {
    tally.skipped[item.reason] = (tally.skipped[item.reason] ?? 0) + 1
    if (item.reason === 'unchanged') tally.bytesSaved += item.bytes ?? 0
  } else {
    const { code, retryAt } = item.error
    tally.failed[code] = (tally.failed[code] ?? 0) + 1
    if (code === 'ERR_RETRY_AFTER' && retryAt) tally.resumeAt = earlier(tally.resumeAt ?? retryAt, retryAt)
  }
  return item
}

/** By time: as text a year of six digits comes before all others. */
const earlier = (a: string, b: string): string => (Date.parse(b) < Date.parse(a) ? b : a)

/** How many outcomes of a tally failed. */
export const failuresOf = ({ failed }: Tally): number => Object.values(failed).reduce((sum, n) => sum + n, 0)

/** How many failures end a run: a number, or a share of the outcomes from the hundredth on. */
export type FailureLimit = { readonly count: number } | { readonly share: number }

/** ERR_TOO_MANY_FAILURES once a tally is past `limit`. A share counts from the hundredth outcome on: one failure among the first few says little. */
export const tooManyFailures = (tally: Tally, limit: FailureLimit): SyncError | undefined => {
  const failures = failuresOf(tally)
  const isPast =
    'count' in limit ? failures > limit.count : tally.entries >= 100 && failures > limit.share * tally.entries
  return isPast
    ? new SyncError(
        'ERR_TOO_MANY_FAILURES',
        `${failures} of ${tally.entries} entries failed, more than --max-failures`,
      )
    : undefined
}
