import { extend } from '../extend.js'
import { isStrong } from './freshness.js'

/**
 * A cap that only delays reading does not protect a link: while reads pause, the kernel goes on filling receive buffers
 * at line speed. So an asset is asked for in ranges, each only once its bytes are granted, and what was not asked for
 * cannot arrive. This file decides what to ask for next; what an answer means is decided in verdict.ts.
 */

/** One version of an asset, as the origin describes it. */
export type Version = {
  readonly etag?: string
  readonly lastModified?: string
  /** Bytes in all. */
  readonly total?: number
}

/** Whether `found` is told to be another version: what only one of the two tells says nothing. */
export const isAnother = (version: Version | undefined, found: Version | undefined): boolean =>
  differ(version?.etag, found?.etag) || differ(version?.lastModified, found?.lastModified)

const differ = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && b !== undefined && a !== b

export type Question = {
  /** First and last byte asked for; no `end` asks for the rest, no range for everything. */
  readonly range?: { readonly start: number; readonly end?: number }
  readonly headers: Readonly<Record<string, string>>
  /** The most bytes that arrive where it is answered as it was asked, as far as they are granted ahead: what is beyond them is metered. */
  readonly expectBytes: number
  /** The same with all of them, where those are more. */
  readonly askedBytes?: number
  /** Bytes likely to arrive, where those are fewer: what has to be granted before the question is sent. */
  readonly likelyBytes?: number
}

export type Progress = {
  /** Bytes that are there already, of `version`. */
  have: number
  version: Version | undefined
  /** The bytes come from an earlier attempt or run, rather than from the range just before. */
  isResuming: boolean
  /** Length, where it is not known but likely. */
  likelyBytes: number | undefined
  /** Bytes of a paced range; Infinity where the asset is not to be fetched in ranges. */
  segmentBytes: number
  /** Running mean of what the origin's assets are long. */
  meanBytes: number | undefined
  /** A longer range is granted as a body is that is not asked for in ranges. */
  atOnceBytes: number
  /** What is granted ahead of a body that is not asked for in ranges. */
  wholeBytes: (length: number | undefined) => number
}

/** The next request for an asset of which `have` bytes are there. */
export const nextQuestion = (progress: Progress): Question => {
  const { have, version, isResuming, segmentBytes, atOnceBytes, wholeBytes, likelyBytes, meanBytes } =
    progress
  const total = version?.total ?? (have === 0 ? likelyBytes : undefined)
  const remaining = total === undefined ? undefined : Math.max(0, total - have)
  const headers = have === 0 ? {} : precondition(version ?? {}, isResuming)
  if (segmentBytes === Number.POSITIVE_INFINITY) {
    const expectBytes = wholeBytes(remaining)
    return have === 0 ? { headers, expectBytes } : withRange({ start: have }, headers, expectBytes)
  }
  const bytes =
    remaining === undefined
      ? firstGuess(segmentBytes, meanBytes)
      : remaining <= segmentBytes * lastSegment
        ? remaining
        : segmentBytes
  const isWhole = have === 0 && remaining !== undefined && bytes >= remaining
  const range = { start: have, end: have + Math.max(1, bytes) - 1 }
  if (bytes > atOnceBytes) {
    const expectBytes = wholeBytes(bytes)
    return extend(isWhole ? { headers, expectBytes } : withRange(range, headers, expectBytes), {
      askedBytes: bytes,
    })
  }
  if (isWhole) return { headers, expectBytes: bytes }
  const question = withRange(range, headers, bytes)
  if (remaining !== undefined || meanBytes === undefined || meanBytes >= bytes) return question
  return extend(question, { likelyBytes: Math.round(meanBytes) })
}

/** The bytes that an answer to a question has at most. */
export const askedBytesOf = ({ expectBytes, askedBytes = expectBytes }: Question): number => askedBytes

/** A rest this much longer than a segment is not worth a request of its own. */
const lastSegment = 1.25

/**
 * Of an asset of unknown length no more is asked for than its origin makes likely. The mean is granted: what is granted for nothing
 * is missed elsewhere, and would come back for many assets at once.
 */
const firstGuess = (segmentBytes: number, meanBytes: number | undefined): number =>
  meanBytes === undefined
    ? segmentBytes
    : Math.round(Math.min(segmentBytes, Math.max(16 * 1024, 2 * meanBytes)))

const withRange = (
  range: { start: number; end?: number },
  headers: Readonly<Record<string, string>>,
  expectBytes: number,
): Question => ({
  range,
  headers: extend(headers, { range: `bytes=${range.start}-${range.end ?? ''}` }),
  expectBytes,
})

/**
 * All ranges of an asset must be of one version. Between ranges a changed asset is answered 412, without a body; when
 * resuming If-Range gets the new version at once (RFC 9110 sections 13.1.1, 13.1.4, 13.1.5).
 */
const precondition = ({ etag, lastModified }: Version, isResuming: boolean): Record<string, string> => {
  if (isStrong(etag)) return isResuming ? { 'if-range': etag } : { 'if-match': etag }
  return lastModified === undefined ? {} : { 'if-unmodified-since': lastModified }
}
