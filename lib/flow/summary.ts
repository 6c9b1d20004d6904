import type { Code } from '../errors.js'
import { type Item, isOutcome, type Outcome } from '../outcome.js'

/** What became of a run, in numbers. */
export type Summary = {
  /** Rows read; always the sum of stored, skipped and failed. */
  entries: number
  stored: number
  /** Counts by reason. */
  skipped: Partial<Record<'unchanged' | 'duplicate', number>>
  /** Counts by code. */
  failed: Partial<Record<Code, number>>
  bytesStored: number
  /** TCP payload, as everything below. */
  bytesReceived: number
  /** Bytes that unchanged assets did not have to cross the link, where their length is known. */
  bytesSaved: number
  ms: number
  /** Bytes per second over the whole run. */
  meanRate: number
  /** Bytes per second at the end of the run; null without a cap. */
  cap: number | null
  /** Bytes received in the worst second. */
  worstSecond: number
  /** Whether the worst second had more than 1.1 times the cap. */
  capBreached: boolean
  /** Bytes of resident memory at the peak. */
  peakMemory: number
  exitCode: number
  /** ISO 8601: the earliest moment at which an origin that asked to wait can be asked again. */
  resumeAt?: string
}

/** Counts of outcomes so far. */
export type Tally = Pick<
  Summary,
  'entries' | 'stored' | 'skipped' | 'failed' | 'bytesStored' | 'bytesSaved' | 'resumeAt'
>

export const newTally = (): Tally => ({
  entries: 0,
  stored: 0,
  skipped: {},
  failed: {},
  bytesStored: 0,
  bytesSaved: 0,
})

/** Counts an outcome in; throws for anything else, since the end of the pipe lets nothing else out. */
export const count = (tally: Tally, item: Item): Outcome => {
  if (!isOutcome(item)) throw new TypeError(`entry ${item.index} came to the end without an outcome`)
  tally.entries++
  if (item.status === 'stored') {
    tally.stored++
    tally.bytesStored += item.bytes
  } else if (item.status === 'skipped') {
    tally.skipped[item.reason] = (tally.skipped[item.reason] ?? 0) + 1
    if (item.reason === 'unchanged') tally.bytesSaved += item.bytes ?? 0
  } else {
    const { code, retryAt } = item.error
    tally.failed[code] = (tally.failed[code] ?? 0) + 1
    if (code === 'ERR_RETRY_AFTER' && retryAt && !((tally.resumeAt ?? retryAt) < retryAt))
      tally.resumeAt = retryAt
  }
  return item
}

/** How many outcomes of a tally failed. */
export const failuresOf = ({ failed }: Tally): number => Object.values(failed).reduce((sum, n) => sum + n, 0)
