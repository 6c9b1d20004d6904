import type { Tally } from './tally.js'

/** What became of a run, in numbers. */
export type Summary = Tally & {
  /** TCP payload, as everything below. */
  bytesReceived: number
  ms: number
  /** Bytes per second over the whole run. */
  meanRate: number
  /** Bytes per second at the end of the run; null without a cap. */
  cap: number | null
  /** Bytes received in the worst second. */
  worstSecond: number
  /** Whether the worst second had more than 1.1 times the cap: the highest one that held, where a timetable changed it. */
  capBreached: boolean
  /** Bytes of resident memory at the peak. */
  peakMemory: number
  exitCode: number
  /** ISO 8601: when the quota that ended the run begins anew; absent where none did. */
  resumeAt?: string
  /** How long what is planned takes at the cap that holds now, as far as sizes are known; absent without a cap. */
  plannedMs?: number
}

export type SummarizeOptions = Pick<
  Summary,
  'bytesReceived' | 'ms' | 'worstSecond' | 'peakMemory' | 'exitCode' | 'resumeAt'
> & {
  /** Bytes per second at the end, and the most that held at any time; Infinity without a cap. */
  cap: number
  highestCap: number
}

/** The numbers of a run that is over. */
export const summarize = (tally: Tally, { cap, highestCap, ms, ...facts }: SummarizeOptions): Summary => ({
  ...tally,
  skipped: { ...tally.skipped },
  failed: { ...tally.failed },
  ...facts,
  ms: Math.round(ms),
  meanRate: Math.round((facts.bytesReceived / Math.max(1, ms)) * 1000),
  cap: cap === Number.POSITIVE_INFINITY ? null : cap,
  capBreached: facts.worstSecond > highestCap * 1.1,
  ...(tally.planned &&
    isTold(tally.planned, cap) && { plannedMs: Math.round((tally.planned.bytes / cap) * 1000) }),
})

/** Of assets of which no size is known nothing can be told. */
const isTold = ({ bytes, unknownSize }: NonNullable<Tally['planned']>, cap: number): boolean =>
  cap < Number.POSITIVE_INFINITY && (bytes > 0 || unknownSize === 0)
