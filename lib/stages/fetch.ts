import type { NamedEntry, StoredAsset } from '../entry.js'
import type { SyncError } from '../errors.js'
import { oneByOne } from '../flow/one-by-one.js'
import { type Committed, type Done, toFacts, toStoredAsset } from '../http/done.js'
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
export const fetch = (options: FetchOptions) => {
  const tools: Tools = { maxTimeMs: () => Number.POSITIVE_INFINITY, ...options, inTurn: oneByOne() }
  return (entry: NamedEntry, given?: unknown): Promise<Stored | Skipped> =>
    new AssetFetch(entry, workOf(given), tools).run()
}

type Tools = FetchOptions & {
  maxTimeMs: NonNullable<FetchOptions['maxTimeMs']>
  /** For those who once found no descriptor left. */
  inTurn: ReturnType<typeof oneByOne>
}

/** One asset, from its first attempt to where it is kept. */
class AssetFetch {
  readonly #entry: NamedEntry
  readonly #work: Work
  readonly #tools: Tools
  /** It grows over attempts; one that was itself what failed is followed by another. */
  #draft: StoredDraft | undefined
  #download: Attempt | undefined
  #leaving: Promise<void> | undefined
  #isShort = false

  constructor(entry: NamedEntry, work: Work, tools: Tools) {
    this.#entry = entry
    this.#work = work
    this.#tools = tools
  }

  async run(): Promise<Stored | Skipped> {
    const entry = this.#entry
    const work = this.#work
    try {
      const done = await this.#firstAttempt()
      if (!done) {
        await this.#draft?.abandon({ keep: false })
        return unchanged(entry, 'not-modified', { bytes: entry.local?.bytes ?? 0, received: work.received })
      }
      const remembering = this.#tools.remember(entry.path, toStoredAsset(entry, done))
      if (remembering !== undefined) await remembering
      return stored(entry, toFacts(entry, done, work))
    } catch (error) {
      await this.#draft?.abandon({ keep: true })
      throw error
    }
  }

  /** Nearly every first attempt succeeds, and needs nothing of what the others need. */
  #firstAttempt(): Promise<Done | undefined> {
    return this.#attempt().catch(failure => this.#goOn(failure))
  }

  #goOn(failure: unknown): Promise<Done | undefined> {
    const { retries, baseMs, maxMs } = this.#tools.retries
    // Who once found no descriptor left goes on in turn, in its slot, so that fewer assets need one at a time.
    const attempt = () => (this.#isShort ? this.#tools.inTurn(() => this.#attemptInTurn()) : this.#attempt())
    return retry(attempt, {
      failure,
      retries,
      baseMs,
      maxMs,
      wait: ms => this.#backOff(ms),
      onRetry: retrying => this.#onRetry(retrying),
    })
  }

  async #attempt(): Promise<Done | undefined> {
    beginAttempt(this.#work)
    if (!this.#draft || this.#draft.destroyed) await this.#begin()
    const draft = this.#draft as StoredDraft
    const downloaded = await (this.#download as Attempt)()
    if (downloaded === 'not-modified') return undefined
    return { downloaded, committed: await draft.commit(downloaded) }
  }

  async #attemptInTurn(): Promise<Done | undefined> {
    // Whoever waits for the turn holds a slot: given away, this one might never come back.
    this.#work.keepsSlot = true
    try {
      await this.#tools.sleep(0)
      return await this.#attempt()
    } finally {
      this.#work.keepsSlot = false
    }
  }

  async #begin(): Promise<void> {
    const entry = this.#entry
    const { urlKey, integrity, local } = entry
    if (this.#leaving !== undefined) await this.#leaving
    if (this.#draft) await this.#draft.abandon({ keep: true })
    const isNew = local === undefined
    const draft = await this.#tools.open(entry, { urlKey, integrity, resume: true, isNew })
    this.#draft = draft
    this.#download = this.#tools.download(entry, draft, this.#work)
  }

  get #leftMs(): number {
    return this.#tools.maxTimeMs(this.#entry.assetUrl.origin) - this.#work.activeMs
  }

  /** Waits before the next attempt, for as long as the asset still has time. */
  async #backOff(ms: number): Promise<void> {
    const left = Math.max(0, this.#leftMs)
    await this.#work.rest(() => this.#tools.sleep(Math.min(ms, left)))
    this.#work.activeMs += Math.min(ms, left)
    if (ms >= left) throw tooLong()
  }

  #onRetry({ error, attempt, waitMs }: { error: SyncError; attempt: number; waitMs: number }): void {
    // What the origin told this asset to wait counts as well; it is told to all, but not by them.
    if (error.retryAfterMs) this.#work.activeMs += waitMs
    if (error.retryAfterMs && this.#leftMs <= 0) throw tooLong()
    if (isOutOfDescriptors(error)) this.#giveWay()
    const { index, url } = this.#entry
    const { code, message } = error
    const attempts = this.#tools.retries.retries + 1
    this.#tools.observe?.({ event: 'retry', index, url, attempt, attempts, code, message, waitMs })
  }

  /** Its descriptor is needed before the next attempt, which waits for what is kept of it. */
  #giveWay(): void {
    this.#isShort = true
    this.#tools.relieve?.()
    this.#leaving = this.#draft?.abandon({ keep: true })
    this.#draft = undefined
  }
}
