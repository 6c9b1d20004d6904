import { SyncError } from '../errors.js'
import type { Mutable } from '../extend.js'
import { type ContentRange, parseContentRange, type UnsatisfiedRange } from './content-range.js'
import { codingOf } from './decoding.js'
import { isStrong } from './freshness.js'
import { contentLength, type Head } from './head.js'
import { askedBytesOf, type Question, type Version } from './ranges.js'

/** What the head of an answer means for the asset that was asked for. */
export type Verdict =
  /** The next bytes of the version that is there, up to its end where `isLast`. */
  | { readonly take: 'part'; readonly version: Version; readonly bytes: number; readonly isLast: boolean }
  /** The asset from its first byte, whatever is there. */
  | { readonly take: 'whole'; readonly version: Version }
  /** Ask for all of it, since ranges do not work here; or for granted pieces, knowing that it has more bytes than were granted. */
  | { readonly ask: 'whole' | 'granted'; readonly length?: number }
  /** No byte is missing. */
  | { readonly done: 'not-modified' | 'complete' }

export type Asked = {
  readonly question: Question
  /** Bytes that are there, and of which version. */
  readonly have: number
  readonly version: Version | undefined
  /** Whether the answer to a new question could be had in granted pieces. */
  readonly isPaced: boolean
  readonly isConditional: boolean
  /** The ETag that the answer is only wanted without. */
  readonly unwanted?: string | undefined
}

/** A body this much longer than what was asked for is given up, to be asked for in granted pieces. */
const worthGivingUp = 64 * 1024

/** Judges a response head against what was asked (RFC 9110 sections 13 to 15); throws ERR_CHANGED or ERR_HTTP_PROTOCOL. */
export const judge = (head: Head, asked: Asked): Verdict => {
  refuseTransferCodings(head)
  if (isUnwanted(head, asked)) return { done: 'not-modified' }
  const range = parseContentRange(single(head.headers['content-range']))
  switch (head.status) {
    case 200:
    case 203:
      return judgeWhole(head, asked)
    case 206:
      return judgePart(head, range && !('unsatisfied' in range) ? range : undefined, asked)
    case 304:
      if (!asked.isConditional)
        throw protocol('answered not modified (304) to a request without conditions', 'entry')
      return { done: 'not-modified' }
    case 412:
      throw changed()
    case 416:
      return judgeUnsatisfied(head, range && 'unsatisfied' in range ? range : undefined, asked)
    default:
      throw protocol(`answered ${head.status}, which carries no asset`, 'entry')
  }
}

/** Whether an origin that does not heed the condition sends what is there already, as its ETag proves. */
const isUnwanted = ({ status, headers }: Head, { isConditional, unwanted }: Asked): boolean =>
  isConditional && status >= 200 && status < 300 && isStrong(unwanted) && single(headers.etag) === unwanted

/** None is asked for, and what undoes chunks undoes nothing else: the file would be what crossed the wire. */
const refuseTransferCodings = ({ headers }: Head): void => {
  const codings = headers['transfer-encoding']
  if (codings === undefined || /^\s*(?:(?:chunked|identity)\s*,?\s*)*$/i.test(codings)) return
  throw new SyncError('ERR_ENCODING', `expected chunked or none, got Transfer-Encoding ${codings}`)
}

const judgeUnsatisfied = (
  head: Head,
  found: UnsatisfiedRange | undefined,
  { question, have, version }: Asked,
): Verdict => {
  if (!question.range) throw new SyncError('ERR_HTTP_STATUS', 'the origin answered 416', { statusCode: 416 })
  if (!found) return { ask: 'whole' }
  if (have > 0 && found.total === have && mayBe(version, toVersion(head, have))) return { done: 'complete' }
  // Where bytes are there, they are of another version; without any, only an empty asset has no first byte.
  return have > 0 || found.total === 0 ? { ask: 'granted', length: found.total } : { ask: 'whole' }
}

/** Whether nothing that both tell is against it. */
const mayBe = (version: Version = {}, found: Version): boolean =>
  [
    [version.etag, found.etag],
    [version.lastModified, found.lastModified],
    [version.total, found.total],
  ].every(([known, told]) => known === undefined || told === undefined || known === told)

const judgeWhole = (head: Head, { question, isPaced }: Asked): Verdict => {
  const length = contentLength(head)
  if (isPaced && length > askedBytesOf(question) + worthGivingUp) {
    return { ask: wasIgnored(question) ? 'whole' : 'granted', length }
  }
  return { take: 'whole', version: toVersion(head, Number.isNaN(length) ? undefined : length) }
}

/** Whether a 200 in answer to `question` tells that the origin does not do ranges, rather than that the asset changed. */
export const wasIgnored = ({ range, headers }: Question): boolean =>
  range !== undefined && !headers['if-range']

const judgePart = (head: Head, part: ContentRange | undefined, { question, version }: Asked): Verdict => {
  const { range } = question
  if (!range) throw protocol('answered with a part (206) that was not asked for', 'entry')
  if (!part) throw protocol('answered with a part (206) without a valid Content-Range')
  if (part.start !== range.start || part.end > (range.end ?? Number.POSITIVE_INFINITY))
    throw protocol(`was asked for bytes ${range.start}-${range.end ?? ''} and sent ${part.start}-${part.end}`)
  const found = toVersion(head, part.total)
  const isLast = part.end + 1 === part.total
  const canGoOn = part.total !== undefined && (isStrong(found.etag) || found.lastModified !== undefined)
  if (codingOf(head) !== undefined || (!isLast && !canGoOn)) return { ask: 'whole' }
  if (version && !isSameVersion(version, found)) throw changed()
  return { take: 'part', version: found, bytes: part.end - part.start + 1, isLast }
}

/** A strong ETag decides alone; without one the modification date does. */
const isSameVersion = (version: Version, found: Version): boolean =>
  (isStrong(version.etag) ? found.etag === version.etag : found.lastModified === version.lastModified) &&
  (version.total === undefined || found.total === version.total)

const toVersion = ({ headers }: Head, total: number | undefined): Version => {
  const etag = single(headers.etag)
  const lastModified = single(headers['last-modified'])
  const version: Mutable<Version> = {}
  if (etag !== undefined) version.etag = etag
  if (lastModified !== undefined) version.lastModified = lastModified
  if (total !== undefined) version.total = total
  return version
}

const changed = (): SyncError => new SyncError('ERR_CHANGED', 'the asset changed while it was being fetched')

const protocol = (what: string, scope?: 'entry'): SyncError =>
  new SyncError('ERR_HTTP_PROTOCOL', `the origin ${what}`, scope && { scope })

/** A header that must stand alone: several make it unusable rather than the first one right. */
const single = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined
