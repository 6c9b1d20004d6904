import type { NamedEntry, StoredAsset } from '../entry.js'
import { oneByOne } from '../flow/one-by-one.js'
import { type Committed, toFacts, toStoredAsset } from '../http/done.js'
import type { Attempt } from '../http/download.js'
import type { Draft } from '../http/draft.js'
import { retry } from '../http/retry.js'
import { tooLong } from '../http/watchdog.js'
import type { Integrity } from '../integrity.js'
import type { Observer } from '../observer.js'
import { type Skipped, type Stored, stored, unchanged } from '../outcome.js'
import { beginAttempt, type Work, workOf } from '../work.js'
import { isOutOfDescriptors } from '../wrap.js'

/** A draft that can become the file at its destination, or nothing. */
export type StoredDraft = Draft & {
  commit(facts: { lastModified?: string | undefined; type?: string | undefined }): Promise<Committed>
  abandon(options: { keep: boolean }): Promise<void>
}

/** What `fetch` needs. */
export type FetchOptions = {
  /** A draft for an asset: of a kept partial with `resume`, else empty; `isNew` where nothing stands at its destination. */
  open: (
    entry: NamedEntry,
    options: { urlKey: string; integrity?: Integrity | undefined; resume: boolean; isNew?: boolean },
  ) => Promise<StoredDraft>
  /** Attempts at an asset's bytes. */
  download: (entry: NamedEntry, draft: Draft, work: Work) => Attempt
  /** Remembers what was stored; a promise is waited for. Never rejects: the file is in place, so what goes wrong is the run's. */
  remember: (path: string, asset: StoredAsset) => Promise<void> | undefined
  /** Retries after the first attempt, and the bounds of the back-off between them. */
  retries: { retries: number; baseMs: number; maxMs: number }
  /** Waits `ms`; rejects when the run ends meanwhile. */
  sleep: (ms: number) => Promise<void>
  /** Milliseconds that an asset may take in all; back-offs count, waiting for a grant does not. */
  maxTimeMs?: (origin: string) => number
  /** Gives descriptors back that can be done without, where they have run out. */
  relieve?: () => void
  /** Hears of attempts that failed. */
  observe?: Observer | undefined
}

/** Fetches an asset, with retries, and puts it whole under its final name; what stood there stays until then. */
export const fetch = ({
  open,
  download,
  remember,
  retries,
  sleep,
  maxTimeMs = () => Number.POSITIVE_INFINITY,
  relieve,
  observe,
}: FetchOptions) => {
  const inTurn = oneByOne()
  return async (entry: NamedEntry, given?: unknown): Promise<Stored | Skipped> => {
    const work = workOf(given)
    const { path, urlKey, integrity } = entry
    let begun: { draft: StoredDraft; download: Attempt } | undefined
    let leaving: Promise<void> | undefined

    /** A draft grows over attempts; one that was itself what failed is followed by another. */
    const begin = async () => {
      if (begun && !begun.draft.destroyed) return begun
      await leaving
      await begun?.draft.abandon({ keep: true })
      const isNew = entry.local === undefined
      const draft = await open(entry, { urlKey, integrity, resume: true, isNew })
      begun = { draft, download: download(entry, draft, work) }
      return begun
    }

    const attemptNow = async () => {
      beginAttempt(work)
      const { draft, download } = await begin()
      const downloaded = await download()
      if (downloaded === 'not-modified') return undefined
      return { downloaded, committed: await draft.commit(downloaded) }
    }

    /** Waits before the next attempt, for as long as the asset still has time. */
    const backOff = async (ms: number): Promise<void> => {
      const left = Math.max(0, maxTimeMs(entry.assetUrl.origin) - work.activeMs)
      await work.rest(() => sleep(Math.min(ms, left)))
      work.activeMs += Math.min(ms, left)
      if (ms >= left) throw tooLong()
    }

    /** What the origin told this asset to wait counts as well; it is told to all, but not by them. */
    const onHeld = (ms: number): void => {
      work.activeMs += ms
      if (work.activeMs >= maxTimeMs(entry.assetUrl.origin)) throw tooLong()
    }

    let isShort = false
    const attemptInTurn = async () => {
      // Whoever waits for the turn holds a slot: given away, this one might never come back.
      work.keepsSlot = true
      try {
        await sleep(0)
        return await attemptNow()
      } finally {
        work.keepsSlot = false
      }
    }

    /** Who once found no descriptor left goes on in turn, in its slot, so that fewer assets need one at a time. */
    const attempt = () => (isShort ? inTurn(attemptInTurn) : attemptNow())

    try {
      const done = await retry(attempt, {
        retries: retries.retries,
        baseMs: retries.baseMs,
        maxMs: retries.maxMs,
        wait: backOff,
        onRetry({ error, attempt, waitMs }) {
          if (error.retryAfterMs) onHeld(waitMs)
          if (isOutOfDescriptors(error)) {
            isShort = true
            relieve?.()
            // Its descriptor is needed before the next attempt, which waits for what is kept of it.
            leaving = begun?.draft.abandon({ keep: true })
            begun = undefined
          }
          const { code, message } = error
          observe?.({
            event: 'retry',
            index: entry.index,
            url: entry.url,
            attempt,
            attempts: retries.retries + 1,
            code,
            message,
            waitMs,
          })
        },
      })
      if (!done) {
        await begun?.draft.abandon({ keep: false })
        return unchanged(entry, 'not-modified', { bytes: entry.local?.bytes ?? 0, received: work.received })
      }
      await remember(path, toStoredAsset(entry, done))
      return stored(entry, toFacts(entry, done, work))
    } catch (error) {
      await begun?.draft.abandon({ keep: true })
      throw error
    }
  }
}
