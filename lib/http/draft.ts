import type { Intake } from './flow-into.js'

/** Where an asset's bytes grow, over attempts and ranges: it is never ended here. */
export type Draft = Intake & {
  /** Bytes in it; exact once flushed. */
  readonly bytes: number
  /** The version that bytes of a former run belong to. */
  readonly resumed: { readonly etag: string; readonly totalBytes?: number | undefined } | undefined
  describe(version: { etag: string; totalBytes?: number | undefined }): void
  restart(): void
  flushed(): Promise<void>
  verify(demands: { size?: number | undefined }): Promise<void>
}
