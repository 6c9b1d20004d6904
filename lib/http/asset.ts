import type { Duplex } from 'node:stream'
import type { NamedEntry } from '../entry.js'
import { type Code, SyncError } from '../errors.js'
import { extend } from '../extend.js'
import type { Answer } from './client.js'
import { conditionOf } from './condition.js'
import { bound, codingOf } from './decoding.js'
import type { Demands } from './demands.js'
import { type Downloaded, toDownloaded } from './downloaded.js'
import type { Draft } from './draft.js'
import type { Body } from './flow-into.js'
import { isStrong } from './freshness.js'
import { contentLength, type Head } from './head.js'
import { learn } from './learn.js'
import { type OriginFacts, runningMean } from './origins.js'
import type { Pacing } from './pacing.js'
import { nextQuestion, type Question, type Version } from './ranges.js'
import { judge, type Verdict } from './verdict.js'

export type AssetOptions = {
  entry: NamedEntry
  draft: Draft
  demands: Demands
  pacing: Pacing
  /** What is known of an origin by now. */
  factsOf: (origin: string) => OriginFacts
}

type Taken = Extract<Verdict, { take: unknown }>

/** An asset on its way into a draft: which version the bytes there are of, what to ask for next, and what an answer means. */
export type Asset = {
  /** Begins an attempt: what is there is gone on with if a strong validator allows it, else dropped. */
  begin(): Promise<void>
  /** What to ask an origin for next, which need not be the one that the entry names; bytes of an earlier attempt are `isResuming`. */
  ask(options: { origin: string; isResuming: boolean }): Question
  /** What an answer's head means; throws for what it breaks. */
  judge(head: Head, question: Question): Verdict
  /** Where the body of an answer goes. */
  receive(head: Head, verdict: Verdict): Body | undefined
  /** Throws for a body that is not as long as it has to be. */
  check(answer: Answer, verdict: Taken): Promise<void>
  /** The asset is whole: verified and described. */
  finish(answer: Answer): Promise<Downloaded>
  /** Decides what an attempt that failed with `code` leaves for the next. */
  distrust(code: Code): void
}

export const asset = ({ entry, draft, demands, pacing, factsOf }: AssetOptions): Asset => {
  const { size, found, local } = entry
  const condition = entry.conditional && !draft.resumed ? conditionOf(entry) : {}
  const isConditional = Object.keys(condition).length > 0
  let version: Version | undefined = draft.resumed && toVersion(draft.resumed)
  let likelyBytes = size ?? found?.length ?? local?.known?.wireBytes
  let canRange = true
  let asked = entry.assetUrl.origin
  let type: string | undefined

  const facts = (): OriginFacts => factsOf(asked)

  const segmentBytes = (): number =>
    canRange && facts().ranges !== false ? pacing.segmentBytes(facts()) : Number.POSITIVE_INFINITY

  const forget = (): void => {
    version = undefined
    // Also where no byte came: what was said of the version must not be said of the next one's bytes.
    draft.restart()
  }

  return {
    async begin() {
      await draft.flushed()
      if (draft.bytes === 0 || !isStrong(version?.etag)) forget()
    },
    ask({ origin, isResuming }) {
      asked = origin
      const question = nextQuestion({
        have: draft.bytes,
        version,
        isResuming,
        likelyBytes,
        segmentBytes: segmentBytes(),
        meanBytes: facts().meanBytes,
        atOnceBytes: pacing.atOnceBytes(facts()),
        wholeBytes: length => pacing.wholeBytes(facts(), length),
      })
      return draft.bytes > 0 || !isConditional
        ? question
        : extend(question, { headers: extend(question.headers, condition) })
    },
    judge(head, question) {
      const verdict = judge(head, {
        question,
        have: draft.bytes,
        version,
        isConditional: draft.bytes === 0 && isConditional,
        unwanted: condition['if-none-match'],
        isPaced: segmentBytes() < Number.POSITIVE_INFINITY,
      })
      learn(facts(), { head, verdict, question })
      if ('ask' in verdict) {
        likelyBytes = verdict.length ?? likelyBytes
        if (verdict.ask === 'whole') canRange = false
        forget()
      }
      return verdict
    },
    receive(head, verdict) {
      if (!('take' in verdict)) return undefined
      const isEncoded = codingOf(head) !== undefined
      const { total } = verdict.version
      if (total !== undefined && !isEncoded) demands.checkLength(total)
      // A part may leave out what was told before (RFC 9110 section 15.3.7).
      const told = verdict.take === 'part' ? { version, type } : {}
      demands.checkType(head, told.type)
      if (verdict.take === 'whole' && draft.bytes > 0) draft.restart()
      // Decoded bytes cannot be gone on with: their positions are not the origin's.
      version = isEncoded ? undefined : told.version ? extend(told.version, verdict.version) : verdict.version
      type = head.headers['content-type'] ?? told.type
      likelyBytes = version?.total ?? likelyBytes
      if (isStrong(version?.etag)) draft.describe({ etag: version.etag, totalBytes: version.total })
      return {
        into: draft,
        through: verdict.take === 'whole' ? demands.through(head) : partOf(head, verdict.bytes),
      }
    },
    async check({ head, bodyBytes, delimited }, verdict) {
      await draft.flushed()
      const isOpen = !delimited && codingOf(head) === undefined
      const expected =
        verdict.take === 'part'
          ? verdict.bytes
          : isOpen && !isOther(version, found)
            ? found?.length
            : undefined
      if (expected === undefined || bodyBytes === expected) return
      const code = bodyBytes < expected ? 'ERR_BODY_SHORT' : 'ERR_BODY_LONG'
      throw new SyncError(code, `expected ${expected} bytes, got ${bodyBytes}`, { scope: 'attempt' })
    },
    async finish(answer) {
      await draft.verify({ size })
      const wireBytes = version ? draft.bytes : answer.bodyBytes
      const origin = facts()
      origin.meanBytes = runningMean(origin.meanBytes, wireBytes)
      return toDownloaded(answer, { version, type, wireBytes })
    },
    distrust(code) {
      if (worthless.has(code)) version = undefined
      if (code === 'ERR_HTTP_PROTOCOL') canRange = false
    },
  }
}

/** The way of a part into the draft, which takes no byte that its Content-Range does not speak of. */
const partOf = (head: Head, bytes: number): Duplex[] => {
  const length = contentLength(head)
  const toError = () =>
    new SyncError('ERR_HTTP_PROTOCOL', `the origin sent a part of ${bytes} bytes that has more or less`)
  if (Number.isNaN(length)) return [bound({ maxBytes: bytes, toError })]
  if (length !== bytes) throw toError()
  return []
}

/** Whether a HEAD spoke of another version. */
const isOther = (version: Version | undefined, found: NamedEntry['found']): boolean =>
  differ(version?.etag, found?.etag) || differ(version?.lastModified, found?.lastModified)

const differ = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && b !== undefined && a !== b

/** After these what is there is of no use to the next attempt. */
const worthless = new Set<Code>(['ERR_CHANGED', 'ERR_HTTP_PROTOCOL', 'ERR_INTEGRITY', 'ERR_BODY_LONG'])

const toVersion = ({ etag, totalBytes }: NonNullable<Draft['resumed']>): Version => ({
  etag,
  ...(totalBytes !== undefined && { total: totalBytes }),
})
