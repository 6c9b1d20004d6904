import { SyncError } from '../errors.js'

/** Takes each row of a manifest, in order. */
export type Emit = (row: unknown) => void

/** Reads one manifest: whatever is whole goes to an Emit before `write` returns; throws ERR_MANIFEST where the manifest is broken. */
export type Reader = {
  write(chunk: Buffer): void
  end(): void
}

/** Where in the manifest a reader starts: what stands before it was a byte order mark and blanks. */
export type Start = {
  /** Bytes from the beginning of the manifest. */
  offset: number
  /** Number of its line, from 1. */
  line: number
}

/** The longest row that is read: what comes from a stranger must not decide how much memory is used. */
export const maxRowBytes = 1024 * 1024

/** The deepest nesting that is read: a deeper value would overflow the stack of whoever prints it. */
export const maxDepth = 64

/** An ERR_MANIFEST that says what was found, and at which byte of the manifest. */
export const brokenManifest = (found: string, offset: number): SyncError =>
  new SyncError('ERR_MANIFEST', `${found} (at byte ${offset} of the manifest)`, { offset })
