import { codingOf } from './decoding.js'
import { contentLength, type Head } from './head.js'
import type { OriginFacts } from './origins.js'
import type { Question } from './ranges.js'
import { type Verdict, wasIgnored } from './verdict.js'

export type Lesson = { head: Head; verdict: Verdict; question: Question }

/** Notes what an answer tells of its origin: whether it does ranges, and how long its assets may be until one has been fetched. */
export const learn = (facts: OriginFacts, { head, verdict, question }: Lesson): void => {
  const length = contentLength(head)
  if ('take' in verdict && verdict.take === 'part') facts.ranges = true
  else if (head.status === 206 && codingOf(head) === undefined) facts.ranges ??= false
  // An empty asset has no ranges, and a short one need not be cut up.
  else if (head.status === 200 && wasIgnored(question) && !(length <= question.expectBytes))
    facts.ranges ??= false
  // By this the next bodies are granted that cannot be had in ranges.
  if (head.status === 200 && length >= 0) facts.meanBytes ??= length
}
