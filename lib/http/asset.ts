import type { NamedEntry } from '../entry.js'
import { type Code, SyncError } from '../errors.js'
import { extend } from '../extend.js'
import type { Answer } from './client.js'
import { conditionOf } from './condition.js'
import { codingOf } from './decoding.js'
import { type Demands, throughPart } from './demands.js'
import { type Downloaded, toDownloaded } from './downloaded.js'
import type { Draft } from './draft.js'
import type { Body } from './flow-into.js'
import { isStrong } from './freshness.js'
import type { Head } from './head.js'
import { learn } from './learn.js'
import { type OriginFacts, runningMean } from './origins.js'
import type { Pacing } from './pacing.js'
import { isAnother, nextQuestion, type Question, type Version } from './ranges.js'
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

export const asset = (options: AssetOptions): Asset => new DraftedAsset(options)

/** A class, as there is one for every asset. */
class DraftedAsset implements Asset {
  readonly #options: AssetOptions
  readonly #condition: Readonly<Record<string, string>>
  readonly #isConditional: boolean
  #version: Version | undefined
  #likelyBytes: number | undefined
  #canRange = true
  #asked: string
  #type: string | undefined

  constructor(options: AssetOptions) {
    const { entry, draft } = options
    const { size, found, local, assetUrl } = entry
    this.#options = options
    this.#condition = entry.conditional && !draft.resumed ? conditionOf(entry) : {}
    this.#isConditional = Object.keys(this.#condition).length > 0
    this.#version = draft.resumed && toVersion(draft.resumed)
    this.#likelyBytes = size ?? found?.length ?? local?.known?.wireBytes
    this.#asked = assetUrl.origin
  }

  async begin(): Promise<void> {
    const { draft } = this.#options
    await draft.flushed()
    if (draft.bytes === 0 || !isStrong(this.#version?.etag)) this.#forget()
  }

  ask({ origin, isResuming }: { origin: string; isResuming: boolean }): Question {
    const { draft, pacing } = this.#options
    this.#asked = origin
    const facts = this.#facts
    const question = nextQuestion({
      have: draft.bytes,
      version: this.#version,
      isResuming,
      likelyBytes: this.#likelyBytes,
      segmentBytes: this.#segmentBytes,
      meanBytes: facts.meanBytes,
      atOnceBytes: pacing.atOnceBytes(facts),
      wholeBytes: length => pacing.wholeBytes(facts, length),
    })
    return draft.bytes > 0 || !this.#isConditional
      ? question
      : extend(question, { headers: extend(question.headers, this.#condition) })
  }

  judge(head: Head, question: Question): Verdict {
    const { draft } = this.#options
    const verdict = judge(head, {
      question,
      have: draft.bytes,
      version: this.#version,
      isConditional: draft.bytes === 0 && this.#isConditional,
      unwanted: this.#condition['if-none-match'],
      isPaced: this.#segmentBytes < Number.POSITIVE_INFINITY,
    })
    learn(this.#facts, { head, verdict, question })
    if ('ask' in verdict) {
      this.#likelyBytes = verdict.length ?? this.#likelyBytes
      if (verdict.ask === 'whole') this.#canRange = false
      this.#forget()
    }
    return verdict
  }

  receive(head: Head, verdict: Verdict): Body | undefined {
    if (!('take' in verdict)) return undefined
    const { draft, demands } = this.#options
    const isWhole = verdict.take === 'whole'
    const isEncoded = codingOf(head) !== undefined
    const { total } = verdict.version
    if (total !== undefined && !isEncoded) demands.checkLength(total)
    // A part may leave out what was told before (RFC 9110 section 15.3.7).
    const toldVersion = isWhole ? undefined : this.#version
    const toldType = isWhole ? undefined : this.#type
    demands.checkType(head, toldType)
    if (isWhole && draft.bytes > 0) draft.restart()
    const told = toldVersion ? extend(toldVersion, verdict.version) : verdict.version
    // Decoded bytes cannot be gone on with: their positions are not the origin's.
    const version = isEncoded ? undefined : told
    this.#version = version
    this.#type = head.headers['content-type'] ?? toldType
    this.#likelyBytes = version?.total ?? this.#likelyBytes
    if (isStrong(version?.etag)) draft.describe({ etag: version.etag, totalBytes: version.total })
    return { into: draft, through: isWhole ? demands.through(head) : throughPart(head, verdict.bytes) }
  }

  async check({ head, bodyBytes, delimited }: Answer, verdict: Taken): Promise<void> {
    const { draft, entry } = this.#options
    await draft.flushed()
    const isOpen = !delimited && codingOf(head) === undefined
    const expected =
      verdict.take === 'part'
        ? verdict.bytes
        : isOpen && !isAnother(this.#version, entry.found)
          ? entry.found?.length
          : undefined
    if (expected === undefined || bodyBytes === expected) return
    const code = bodyBytes < expected ? 'ERR_BODY_SHORT' : 'ERR_BODY_LONG'
    throw new SyncError(code, `expected ${expected} bytes, got ${bodyBytes}`, { scope: 'attempt' })
  }

  async finish(answer: Answer): Promise<Downloaded> {
    const { draft, entry } = this.#options
    await draft.verify({ size: entry.size })
    const wireBytes = this.#version ? draft.bytes : answer.bodyBytes
    const facts = this.#facts
    facts.meanBytes = runningMean(facts.meanBytes, wireBytes)
    return toDownloaded(answer, { version: this.#version, type: this.#type, wireBytes })
  }

  distrust(code: Code): void {
    if (worthless.has(code)) this.#version = undefined
    if (code === 'ERR_HTTP_PROTOCOL') this.#canRange = false
  }

  get #facts(): OriginFacts {
    return this.#options.factsOf(this.#asked)
  }

  get #segmentBytes(): number {
    const canRange = this.#canRange && this.#facts.ranges !== false
    return canRange ? this.#options.pacing.segmentBytes(this.#facts) : Number.POSITIVE_INFINITY
  }

  #forget(): void {
    this.#version = undefined
    // Also where no byte came: what was said of the version must not be said of the next one's bytes.
    this.#options.draft.restart()
  }
}

/** After these what is there is of no use to the next attempt. */
const worthless = new Set<Code>(['ERR_CHANGED', 'ERR_HTTP_PROTOCOL', 'ERR_INTEGRITY', 'ERR_BODY_LONG'])

const toVersion = ({ etag, totalBytes }: NonNullable<Draft['resumed']>): Version => ({
  etag,
  ...(totalBytes !== undefined && { total: totalBytes }),
})
