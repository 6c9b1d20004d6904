import { randomUUID } from 'node:crypto'
import { lstatSync } from 'node:fs'
import type { DigestName, Integrity } from '../integrity.js'
import { digestNames, digests } from './digests.js'
import { openDirectories } from './directories.js'
import { diskError, taken } from './disk-error.js'
import type { Draft, DraftOptions } from './draft.js'
import { DraftFile } from './draft-file.js'
import { openDrafts } from './open-drafts.js'
import { holdsAny, keepPartial, type PartialFolders } from './partials.js'
import { publisher } from './publish.js'
import { resume, type Taken } from './resume.js'

/** Where assets are kept: what stands there, and drafts of what shall stand there. */
export type FileSink = {
  /**
   * The regular file at `path`; undefined where there is none or something that a rename replaces without following it
   * (a link, a FIFO, a device). Throws ERR_PATH_TAKEN for a directory, ERR_PATH_ESCAPE for a link on the way out of the root.
   */
  stat(path: string): { readonly bytes: number; readonly mtimeMs: number } | undefined
  /** A draft of the asset at `path`: with `resume` it goes on from the partial of a former run, if one is kept. */
  open(asset: { readonly path: string }, options: OpenOptions): Promise<Draft>
  /** How many drafts are open. */
  underWay(): number
  /** Resolves once no draft is open. */
  idle(): Promise<void>
  /** Abandons the drafts that are still open, then gives the handles back; nothing is read or written from then on. */
  close(): Promise<void>
}

export type OpenOptions = {
  /** Hash of what identifies the URL. */
  readonly urlKey: string
  /** What the draft is verified against. */
  readonly integrity?: Integrity | undefined
  readonly resume: boolean
  /** Nothing stands at the path: it is not looked at again, and what may come to stand there hands no mode on. */
  readonly isNew?: boolean
  /** Ends the wait for a large partial to be hashed; it is kept for the next run. */
  readonly signal?: AbortSignal
}

export type FileSinkOptions = {
  readonly digest: DigestName | 'none'
  readonly durable: boolean
}

/** Keeps assets as files below `root`; drafts grow in `tmp`, and `partial` outlives the run. */
export const fileSink = (
  { root, fileMode, ...folders }: { readonly root: string; readonly fileMode: number } & PartialFolders,
  { digest, durable }: FileSinkOptions,
): FileSink => {
  const directories = openDirectories(root, { durable })
  const drafts = openDrafts()
  const publish = publisher(directories, { fileMode, durable })
  // Hardly ever is there one, and then no asset has to look for its own.
  let mayHavePartials = holdsAny(folders.partial)
  const keep = (file: string): boolean => {
    mayHavePartials = true
    return keepPartial(file, folders)
  }
  return {
    stat(path) {
      const place = directories.find(path)
      try {
        const found = place && lstatSync(place.at, { throwIfNoEntry: false })
        if (found?.isDirectory()) throw taken(path)
        return found?.isFile() ? { bytes: found.size, mtimeMs: found.mtimeMs } : undefined
      } catch (error) {
        throw diskError(error, path)
      }
    },
    open({ path }, { urlKey, integrity, resume: goOn, isNew = false, signal }) {
      const asset = { path, urlKey }
      const names = digestNames(digest, integrity)
      const begin = (kept?: Taken): DraftOptions => {
        const growth = new DraftFile({
          file: kept?.file ?? `${folders.tmp}/${randomUUID()}`,
          asset,
          kept,
          // Never wider than the file that it replaces.
          mode: isNew ? fileMode : undefined,
          newDigests: () => digests(names),
          keep,
          publish,
          relieve: directories.relieve,
        })
        return { growth, resumed: kept && toResumed(kept), digest, integrity }
      }
      return drafts.open(() =>
        goOn && mayHavePartials ? resume(folders, asset, names, signal).then(begin) : begin(),
      )
    },
    underWay: drafts.underWay,
    idle: drafts.idle,
    async close() {
      await drafts.close()
      directories.close()
    },
  }
}

const toResumed = ({ bytes, facts: { etag, totalBytes } }: Taken) => ({
  etag,
  bytes,
  ...(totalBytes !== undefined && { totalBytes }),
})
