import type { NamedEntry } from '../entry.js'
import { SyncError } from '../errors.js'
import type { Work } from '../work.js'
import { wrap } from '../wrap.js'
import { asset } from './asset.js'
import type { Answer, Client } from './client.js'
import { demands } from './demands.js'
import type { Downloaded } from './downloaded.js'
import type { Draft } from './draft.js'
import type { Origins } from './origins.js'
import type { Pacing } from './pacing.js'
import { type Reservation, release } from './paid-hop.js'
import type { Question } from './ranges.js'
import { arrived, type Hop } from './redirect.js'
import { scout } from './scout.js'
import type { Verdict } from './verdict.js'

export type DownloaderOptions = {
  client: Client
  origins: Origins
  pacing: Pacing
  /** How an entry is asked for first. */
  hopTo: (entry: NamedEntry) => Hop
  /** Media types that an asset may have. */
  accept: string
  /** Most bytes of an asset. */
  maxBytes: number
  /** Ends every wait for what another asset finds out. */
  halted: AbortSignal
}

/** One attempt at an asset: it goes on from the bytes that are there where a strong validator allows it. */
export type Attempt = () => Promise<Downloaded | 'not-modified'>

/** Fetches assets into drafts, in paced ranges under a cap and in one piece without one; the bytes are verified, not committed. */
export const downloader =
  ({ client, origins, pacing, hopTo, accept, maxBytes, halted }: DownloaderOptions) =>
  (entry: NamedEntry, draft: Draft, work: Work): Attempt => {
    const { size } = entry
    const wanted = asset({
      entry,
      draft,
      demands: demands({ size, maxBytes, accept }),
      pacing,
      factsOf: origins.of,
    })
    let leave = () => {}
    let reserved: Reservation | undefined

    const ask = (origin: string, isResuming: boolean): Question => {
      leave()
      leave = pacing.enter(origin)
      return wanted.ask({ origin, isResuming })
    }

    const isPaced = (origin: string): boolean =>
      pacing.segmentBytes(origins.of(origin)) < Number.POSITIVE_INFINITY

    const attempt: Attempt = async () => {
      const first = hopTo(entry)
      let hop = first
      let isResuming = true
      let askedAgain = 0
      /** While the last bytes arrive the next are waited for: else the cap would stand idle each time. */
      const reserveNext = (verdict: Verdict, { range, expectBytes }: Question, url: URL): void => {
        if (!('take' in verdict) || verdict.take === 'whole' || verdict.isLast || !pacing.isAlone(url.origin))
          return
        const left = (verdict.version.total ?? 0) - (range?.start ?? 0) - verdict.bytes
        reserved = client.reserve(url, Math.min(expectBytes, left))
      }
      await wanted.begin()
      for (;;) {
        let { url } = hop
        const { origin } = url
        // Who is waited for by others waits for nobody who may need their slots.
        const report =
          isPaced(origin) && !work.keepsSlot
            ? await scout(origins.of(origin), {
                signal: halted,
                rest: wait => work.rest(wait),
                prepare: () => client.prepare(origin),
              })
            : () => {}
        let question = ask(origin, isResuming)
        let verdict: Verdict | undefined
        const paid = reserved
        reserved = undefined
        const sent = client.send({
          method: 'GET',
          hop,
          headers: question.headers,
          expectBytes: question.expectBytes,
          likelyBytes: question.likelyBytes,
          askOf(next) {
            url = next
            question = ask(url.origin, isResuming)
            return question
          },
          expect: statusesFor(question),
          accept(head) {
            verdict = wanted.judge(head, question)
            report()
            const body = wanted.receive(head, verdict)
            reserveNext(verdict, question, url)
            return body
          },
          work,
          reserved: paid,
        })
        let answer: Answer | undefined
        try {
          answer = await sent
        } catch (error) {
          if (hop === first || !(isRefusal(error) || isAstray(error))) throw error
        } finally {
          report()
        }
        if (!answer) {
          // The address that a redirect led to has expired, as signed ones do: the way to it is asked for anew.
          hop = first
          continue
        }
        if (!verdict) throw new SyncError('ERR_INTERNAL', 'an answer was not judged')
        if ('ask' in verdict) {
          if (++askedAgain > mostAgain)
            throw new SyncError('ERR_CHANGED', 'the origin never answers the same')
          continue
        }
        if ('done' in verdict)
          return verdict.done === 'not-modified' ? 'not-modified' : await wanted.finish(answer)
        await wanted.check(answer, verdict)
        if (verdict.take === 'whole' || verdict.isLast) return await wanted.finish(answer)
        // The next range comes from where this one came from, of the very same version.
        hop = answer.hop === first ? first : arrived(answer.hop)
        isResuming = false
      }
    }

    return async () => {
      try {
        return await attempt()
      } catch (error) {
        wanted.distrust(wrap(error).code)
        throw error
      } finally {
        leave()
        leave = () => {}
        release(reserved)
        reserved = undefined
      }
    }
  }

/** Whether an origin will not give the asset at this address, rather than not now. */
const isRefusal = (error: unknown): boolean =>
  error instanceof SyncError && error.code === 'ERR_HTTP_STATUS' && !error.retryable

/** Whether the address of the range before leads elsewhere by now, in a way that is refused. */
const isAstray = (error: unknown): boolean => error instanceof SyncError && error.code === 'ERR_REDIRECT'

/** Answers in one attempt that lead to another question: of a changed asset, then of ranges that do not work, and one to spare. */
const mostAgain = 3

/** Statuses besides 2xx that say something of the asset; 412 only where a precondition was sent. */
const statusesFor = ({ headers }: Question): readonly number[] =>
  'if-match' in headers || 'if-unmodified-since' in headers ? afterPrecondition : always

const always = [304, 416]
const afterPrecondition = [304, 412, 416]
