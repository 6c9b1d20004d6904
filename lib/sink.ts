/** What stands at a path of a sink. */
export type StoredFile = {
  readonly bytes: number
  /** When it changed last, in milliseconds; of a sink that keeps no times the bytes alone tell that a file was altered. */
  readonly mtimeMs?: number
}

/** What is known of an asset once all of it has arrived and been checked. */
export type AssetFacts = {
  readonly bytes: number
  /** Of the stored bytes, as an SRI value such as `sha256-…`; absent with `digest: 'none'`. */
  readonly digest?: string
  /** Last-Modified as the origin gave it (RFC 9110 section 8.8.2). */
  readonly lastModified?: string
  /** Content-Type as the origin gave it. */
  readonly type?: string
}

/**
 * One new version of an asset on its way into a sink; nothing of it shows before `commit`. Its functions are called one at a
 * time, but for `discard` once the signal is aborted: what is still under way by then is not waited for.
 */
export type Upload = {
  /** Adds to the end. The chunk is the upload's own from then on. */
  write(chunk: Buffer): void | Promise<void>
  /** Puts what was written in the place of what stood there, whole or not at all; gives what `stat` tells from then on. */
  commit(facts: AssetFacts): StoredFile | Promise<StoredFile>
  /** Forgets what was written; what stood there stays. */
  discard(): void | Promise<void>
}

/** What ends a wait in a sink: the run it works for. A sink that does not mind it is left to itself. */
export type SinkContext = { readonly signal: AbortSignal }

/**
 * Where assets are kept: a directory, as `openFileSink` gives it, or anything that somebody writes these two functions for.
 * Lengths and digests are checked before anything is committed, and failed downloads are tried again, by who writes to it.
 * What a sink throws ends the run with ERR_DESTINATION; a SyncError keeps its own code and scope, and one with
 * `{ scope: 'entry' }` fails only its entry.
 */
export type Sink = {
  /** What stands at `path`; undefined where nothing does. */
  stat(path: string, context: SinkContext): StoredFile | undefined | Promise<StoredFile | undefined>
  /** Begins a new version of the asset at `path`; every upload is either committed or discarded. */
  create(path: string, context: SinkContext): Upload | Promise<Upload>
}
