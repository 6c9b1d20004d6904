import type { DigestName } from '../integrity.js'
import type { AssetFacts, StoredFile } from '../sink.js'

/** A version of an asset, by its strong ETag. */
export type Version = { readonly etag: string; readonly totalBytes?: number | undefined }

/** The bytes of one asset as they arrive, wherever they are kept until they are all there. */
export type Growth = {
  readonly bytes: number
  /** Whether chunks added now are done with when `append` returns. */
  readonly takesAtOnce: boolean
  /** Adds to the end; undefined says that it is done already. One at a time. */
  append(chunks: readonly Buffer[]): Promise<void> | undefined
  /** Says which version the bytes belong to, so that they may outlive the process. */
  describe(version: Version): void
  /** The bytes belong to no version any more. */
  forget(): void
  /** Back to zero bytes of no version. */
  restart(): void
  /** Base64 of what is there; undefined for an algorithm that was not asked for. */
  digest(name: DigestName): string | undefined
  /** Makes the bytes the asset, in the place of what stood there; resolves to what then stands there. */
  commit(facts: AssetFacts): Promise<StoredFile>
  /** Ends what was not committed: kept for the next run where that is wished and worth it, gone otherwise; never throws. */
  abandon(options: { keep: boolean }): void | Promise<void>
}
