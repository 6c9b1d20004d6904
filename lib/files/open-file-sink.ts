import type { Writable } from 'node:stream'
import { parseIntegrity } from '../integrity.js'
import type { Sink, StoredFile, Upload } from '../sink.js'
import { safePath } from './destination.js'
import type { Draft } from './draft.js'
import { draftWritable } from './draft-writable.js'
import { openDisk } from './open-disk.js'

/** How files are written. */
export type OpenFileSinkOptions = {
  /** Fsync file and directory before a file counts as committed. */
  durable?: boolean
}

/** What is demanded and known of a file that is written. */
export type WritableOptions = {
  /** Bytes that it must have. */
  size?: number
  /** Digest that its bytes must have, as an SRI value such as `sha256-…`. */
  integrity?: string
  /** An HTTP date, which becomes the file's modification time. */
  lastModified?: string
}

/** A directory of files that are there whole or not at all. */
export type OpenFileSink = Sink & {
  /** Throws as `writable` does. */
  stat(path: string): StoredFile | undefined
  /** Rejects as `writable` fails. */
  create(path: string): Promise<Upload>
  /**
   * A Writable that becomes the file at `path` when it is finished, and leaves nothing when it is destroyed. It fails with
   * ERR_BODY_SHORT, ERR_BODY_LONG or ERR_INTEGRITY where the bytes are not those demanded, with ERR_PATH_INVALID or
   * ERR_PATH_ESCAPE where `path` is not safely below the directory, with ERR_PATH_TAKEN where a directory stands, with
   * ERR_ENTRY_INVALID where `integrity` is none, and with ERR_DESTINATION where the disk refuses. Throws ERR_OPTION for a `size` that is none.
   */
  writable(path: string, options?: WritableOptions): Writable
  /**
   * Gives the directory free. What is being committed is committed first; every other upload and writable is destroyed and
   * leaves nothing. Whatever is asked of the sink or of one of them from then on fails with ERR_DESTINATION.
   */
  close(): Promise<void>
}

/**
 * Opens `dir` as a sink, made if absent. Until `close` no sync and no other sink can use it, in any process: what a killed one
 * left half written is cleared away here. Throws ERR_DESTINATION if it cannot be used or is in use.
 */
export const openFileSink = async (
  dir: string,
  { durable = false }: OpenFileSinkOptions = {},
): Promise<OpenFileSink> => {
  const { workspace, sink, close: closeDisk } = await openDisk(dir, { digest: 'none', durable })
  const safe = (path: string): string => safePath(path, workspace.fold)
  const open = async (path: string, integrity?: string): Promise<Draft> =>
    sink.open(
      { path: safe(path) },
      { urlKey: '', resume: false, ...(integrity !== undefined && { integrity: parseIntegrity(integrity) }) },
    )
  const writables = new Set<Writable>()
  return {
    stat: path => sink.stat(safe(path)),
    create: async path => toUpload(await open(path)),
    writable(path, { integrity, ...options } = {}) {
      const writable = draftWritable({ open: () => open(path, integrity), ...options })
      writables.add(writable)
      return writable.once('close', () => writables.delete(writable))
    },
    close() {
      // Whoever closes a sink knows what that ends: a stream that nobody listens to must not take the process down.
      for (const writable of writables) writable.on('error', () => {})
      return closeDisk()
    },
  }
}

const toUpload = (draft: Draft): Upload => ({
  write: chunk =>
    new Promise((resolve, reject) =>
      draft.write(chunk, error => (error ? reject(draft.errored ?? error) : resolve())),
    ),
  commit: facts => draft.commit(facts),
  discard: () => draft.abandon({ keep: false }),
})
