import type { NamedEntry, StoredAsset } from '../entry.js'
import type { Mutable } from '../extend.js'
import { oneByOne } from '../flow/one-by-one.js'
import type { Attempt } from '../http/download.js'
import type { Downloaded } from '../http/downloaded.js'
import type { Draft } from '../http/draft.js'
import { retry } from '../http/retry.js'
import { formatIntegrity } from '../integrity.js'
import type { Observer } from '../observer.js'
import { type Skipped, type Stored, stored, unchanged } from '../outcome.js'
import { beginAttempt, type Work, workOf } from '../work.js'
import { isOutOfDescriptors } from '../wrap.js'

/** What became of a draft. */
export type Committed = Pick<StoredAsset, 'bytes' | 'digest' | 'heldBytes' | 'mtimeMs'>

/** A draft that can become the file at its destination, or nothing. */
export type StoredDraft = Draft & {
  commit(facts: { lastModified?: string | undefined; type?: string | undefined }): Promise<Committed>
  abandon(options: { keep: boolean }): Promise<void>
}

/** What `fetch` needs. */
export type FetchOptions = {
  /** A draft for an asset: of a kept partial with `resume`, else empty. */
  open: (
    entry: NamedEntry,
    options: Pick<NamedEntry, 'urlKey' | 'integrity'> & { resume: boolean },
  ) => Promise<StoredDraft>
  /** Attempts at an asset's bytes. */
  download: (entry: NamedEntry, draft: Draft, work: Work) => Attempt
  /** Remembers what was stored; a promise is waited for. Never rejects: the file is in place, so what goes wrong is the run's. */
  remember: (path: string, asset: StoredAsset) => Promise<void> | undefined
  /** Retries after the first attempt, and the bounds of the back-off between them. */
  retries: { retries: number; baseMs: number; maxMs: number }
  /** Waits `ms`; rejects when the run ends meanwhile. */
  sleep: (ms: number) => Promise<void>
  /** Gives descriptors back that can be done without, where they have run out. */
  relieve?: () => void
  /** Hears of attempts that failed. */
  observe?: Observer | undefined
}

/** Fetches an asset, with retries, and puts it whole under its final name; what stood there stays until then. */
export const fetch = ({ open, download, remember, retries, sleep, relieve, observe }: FetchOptions) => {
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
      const draft = await open(entry, { urlKey, ...(integrity && { integrity }), resume: true })
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

    let isShort = false
    /** Who once found no descriptor left goes on in turn, in its slot, so that fewer assets need one at a time. */
    const attempt = () => (isShort ? inTurn(() => sleep(0).then(attemptNow)) : attemptNow())

    try {
      const done = await retry(attempt, {
        retries: retries.retries,
        baseMs: retries.baseMs,
        maxMs: retries.maxMs,
        wait: ms => work.rest(() => sleep(ms)),
        onRetry({ error, attempt, waitMs }) {
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

/** A demanded length or digest proves what the origin leaves open. */
const isProven = ({ size, integrity }: NamedEntry, downloaded: Downloaded): boolean =>
  downloaded.isProven || size !== undefined || integrity !== undefined

type Done = { downloaded: Downloaded; committed: Committed }

const toStoredAsset = ({ urlKey, integrity }: NamedEntry, { downloaded, committed }: Done): StoredAsset => {
  const { etag, lastModified, wireBytes } = downloaded
  const { bytes, digest, heldBytes, mtimeMs } = committed
  const demanded = integrity && formatIntegrity(integrity)
  const asset: Mutable<StoredAsset> = { urlKey, bytes, wireBytes }
  if (heldBytes !== undefined) asset.heldBytes = heldBytes
  if (mtimeMs !== undefined) asset.mtimeMs = mtimeMs
  if (digest !== undefined) asset.digest = digest
  if (demanded !== undefined && demanded !== digest) asset.integrity = demanded
  if (etag !== undefined) asset.etag = etag
  if (lastModified !== undefined) asset.lastModified = lastModified
  return asset
}

const toFacts = (entry: NamedEntry, { downloaded, committed }: Done, work: Work): StoredFacts => {
  const { etag, lastModified, type, encoding } = downloaded
  const { bytes, digest } = committed
  const facts: Partial<StoredFacts> = { bytes, received: work.received }
  if (etag !== undefined) facts.etag = etag
  if (lastModified !== undefined) facts.lastModified = lastModified
  if (type !== undefined) facts.type = type
  if (encoding !== undefined) facts.encoding = encoding
  if (digest !== undefined) facts.digest = digest
  if (!isProven(entry, downloaded)) facts.verified = false
  facts.attempts = work.attempts
  facts.ms = Math.round(performance.now() - work.startedAt)
  return facts as StoredFacts
}

type StoredFacts = Parameters<typeof stored>[1]
