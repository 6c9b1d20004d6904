import type { Writable } from 'node:stream'
import type { NamedEntry } from '../entry.js'
import { type Code, SyncError, wrap } from '../errors.js'
import type { Work } from '../work.js'
import type { Answer, Body, Client } from './client.js'
import { demands } from './demands.js'
import type { Head } from './exchange.js'
import { isStrong } from './freshness.js'
import { type Origins, runningMean } from './origins.js'
import type { Pacing } from './pacing.js'
import { nextQuestion, type Question, type Version } from './ranges.js'
import { firstHop } from './redirect.js'
import { judge, type Verdict, wasIgnored } from './verdict.js'

/** Where an asset's bytes grow, over attempts and ranges: it is never ended here. */
export type Draft = Writable & {
  /** Bytes in it; exact once flushed. */
  readonly bytes: number
  /** The version that bytes of a former run belong to. */
  readonly resumed: { readonly etag: string; readonly totalBytes?: number | undefined } | undefined
  describe(version: { etag: string; totalBytes?: number | undefined }): void
  restart(): void
  flushed(): Promise<void>
  verify(demands: { size?: number | undefined }): Promise<void>
}

/** What the origin said of an asset that was fetched whole. */
export type Downloaded = Pick<Version, 'etag' | 'lastModified'> & {
  type?: string
  encoding?: string
  /** Bytes of the body as they came, before decoding. */
  wireBytes: number
  /** Whether the body told itself where it ends. */
  isProven: boolean
}

export type DownloaderOptions = {
  client: Client
  origins: Origins
  pacing: Pacing
  /** Sent to the origins of the manifest, besides an entry's own. */
  headers: Readonly<Record<string, string>>
  /** Media types that an asset may have. */
  accept: string
  /** Most bytes of an asset. */
  maxBytes: number
}

/** One attempt at an asset: it goes on from the bytes that are there where a strong validator allows it. */
export type Attempt = () => Promise<Downloaded | 'not-modified'>

/** Fetches assets into drafts, in paced ranges under a cap and in one piece without one; the bytes are verified, not committed. */
export const downloader =
  ({ client, origins, pacing, headers, accept, maxBytes }: DownloaderOptions) =>
  (entry: NamedEntry, draft: Draft, work: Work): Attempt => {
    const { assetUrl, size } = entry
    const { checkLength, checkType, through } = demands({ size, maxBytes, accept })
    const given = { ...headers, ...entry.headers }
    const isConditional = entry.conditional === true && !draft.resumed
    let version: Version | undefined = draft.resumed && toVersion(draft.resumed)
    let likelyBytes = size ?? entry.found?.length ?? entry.local?.known?.wireBytes
    let canRange = true

    const segmentBytes = (): number => {
      const facts = origins.of(assetUrl.origin)
      return canRange && facts.ranges !== false ? pacing.segmentBytes(facts) : Number.POSITIVE_INFINITY
    }

    const ask = (isResuming: boolean): Question => {
      const facts = origins.of(assetUrl.origin)
      const question = nextQuestion({
        have: draft.bytes,
        version,
        isResuming,
        likelyBytes,
        segmentBytes: segmentBytes(),
        meanBytes: facts.meanBytes,
        wholeBytes: length => pacing.wholeBytes(facts, length),
      })
      const isFirst = isConditional && draft.bytes === 0
      return isFirst ? { ...question, headers: { ...question.headers, ...conditionOf(entry) } } : question
    }

    /** Takes in what a head told, before its body flows; throws for demands that it breaks. */
    const prepare = (head: Head, verdict: Verdict, question: Question): Body | undefined => {
      const facts = origins.of(assetUrl.origin)
      if ('take' in verdict) {
        const isEncoded = head.headers['content-encoding'] !== undefined
        const total = verdict.version.total
        if (total !== undefined && !isEncoded) checkLength(total)
        checkType(head)
        if (verdict.take === 'part') facts.ranges = true
        else if (wasIgnored(question)) facts.ranges ??= false
        if (verdict.take === 'whole' && draft.bytes > 0) draft.restart()
        // Decoded bytes cannot be gone on with: their positions are not the origin's.
        version = isEncoded ? undefined : verdict.version
        if (isStrong(version?.etag)) draft.describe({ etag: version.etag, totalBytes: version.total })
        return { into: draft, through: verdict.take === 'whole' ? through(head) : [] }
      }
      if ('ask' in verdict) {
        likelyBytes = verdict.length ?? likelyBytes
        if (verdict.ask === 'whole') {
          canRange = false
          facts.ranges ??= false
        }
        forget()
      }
      return undefined
    }

    const forget = (): void => {
      version = undefined
      if (draft.bytes > 0) draft.restart()
    }

    /** Throws for a body that is not as long as it has to be. */
    const checkBody = async ({ bodyBytes, delimited }: Answer, verdict: Verdict): Promise<void> => {
      await draft.flushed()
      const expected = 'bytes' in verdict ? verdict.bytes : delimited ? bodyBytes : entry.found?.length
      if (expected !== undefined && bodyBytes !== expected)
        throw new SyncError('ERR_BODY_SHORT', `expected ${expected} bytes, got ${bodyBytes}`)
    }

    const finish = async ({ head, bodyBytes, delimited }: Answer): Promise<Downloaded> => {
      await draft.verify({ size })
      const wireBytes = version ? draft.bytes : bodyBytes
      const {
        etag,
        'last-modified': lastModified,
        'content-type': type,
        'content-encoding': encoding,
      } = head.headers
      const facts = origins.of(assetUrl.origin)
      facts.meanBytes = runningMean(facts.meanBytes, wireBytes)
      return {
        wireBytes,
        isProven: delimited,
        ...(etag !== undefined && { etag }),
        ...(lastModified !== undefined && { lastModified }),
        ...(type !== undefined && { type }),
        ...(encoding !== undefined && { encoding }),
      }
    }

    const attempt: Attempt = async () => {
      let hop = firstHop(assetUrl, given)
      let isResuming = true
      await draft.flushed()
      if (!isStrong(version?.etag)) forget()
      for (;;) {
        const question = ask(isResuming)
        const asked = {
          question,
          have: draft.bytes,
          version,
          isConditional,
          isPaced: segmentBytes() < Number.POSITIVE_INFINITY,
        }
        let verdict: Verdict | undefined
        const answer = await client.send({
          ...{ method: 'GET', hop, headers: question.headers, expectBytes: question.expectBytes, work },
          expect: [304, 412, 416],
          accept(head) {
            verdict = judge(head, asked)
            return prepare(head, verdict, question)
          },
        })
        if (!verdict) throw new SyncError('ERR_INTERNAL', 'an answer was not judged')
        if ('done' in verdict) return verdict.done === 'not-modified' ? 'not-modified' : await finish(answer)
        if ('ask' in verdict) continue
        await checkBody(answer, verdict)
        if (verdict.take === 'whole' || verdict.isLast) return await finish(answer)
        hop = answer.hop
        isResuming = false
      }
    }

    return async () => {
      const leave = pacing.enter()
      try {
        return await attempt()
      } catch (error) {
        const { code } = wrap(error)
        if (worthless.has(code)) version = undefined
        if (code === 'ERR_HTTP_PROTOCOL') canRange = false
        throw error
      } finally {
        leave()
      }
    }
  }

/** After these what is there is of no use to the next attempt. */
const worthless = new Set<Code>(['ERR_CHANGED', 'ERR_HTTP_PROTOCOL', 'ERR_INTEGRITY', 'ERR_BODY_LONG'])

const toVersion = ({ etag, totalBytes }: NonNullable<Draft['resumed']>): Version => ({
  etag,
  ...(totalBytes !== undefined && { total: totalBytes }),
})

/** The condition under which the file that stands would be sent again (RFC 9110 sections 13.1.2, 13.1.3). */
const conditionOf = ({ local }: NamedEntry): Record<string, string> => {
  if (!local || local.stale) return {}
  const { etag, lastModified } = local.known ?? { lastModified: new Date(local.mtimeMs).toUTCString() }
  return {
    ...(etag !== undefined && { 'if-none-match': etag }),
    ...(lastModified !== undefined && { 'if-modified-since': lastModified }),
  }
}
