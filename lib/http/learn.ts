import { codingOf } from './decoding.js'
import { contentLength, type Head } from './head.js'
import type { OriginFacts } from './origins.js'
import { askedBytesOf, type Question } from './ranges.js'
import { type Verdict, wasIgnored } from './verdict.js'

export type Lesson = { head: Head; verdict: Verdict; question: Question }

/** Notes what an answer tells of its origin: whether it does ranges, and how long its assets may be until one has been fetched. */
export const learn = (facts: OriginFacts, { head, verdict, question }: Lesson): void => {
  const length = contentLength(head)
  if ('take' in verdict && verdict.take === 'part') facts.ranges = true
  else if (head.status === 206 && codingOf(head) === undefined) facts.ranges ??= false
  // An empty asset has no ranges, and a short one need not be cut up; one that is encoded on its way has none either, but others may.
  else if (isWhole(head) && wasIgnored(question) && !(length <= askedBytesOf(question))) {
    facts.ranges ??= false
    facts.rangesBelied ||= promisesRanges(head)
  }
  // What one asset did not do, as one that is made when it is asked for, another says it does.
  else if (facts.ranges === false && isWhole(head) && promisesRanges(head) && !facts.rangesBelied)
    facts.ranges = undefined
  // By this the next bodies are granted that cannot be had in ranges.
  if (head.status === 200 && length >= 0) facts.meanBytes ??= length
}

const isWhole = (head: Head): boolean => head.status === 200 && codingOf(head) === undefined

/** Ranges of which none could be told to be of one version are of no use. */
const promisesRanges = ({ headers }: Head): boolean =>
  headers['accept-ranges'] === 'bytes' && ('etag' in headers || 'last-modified' in headers)
