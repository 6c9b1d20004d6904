import type { LocalFile, NamedEntry, StoredAsset } from '../entry.js'
import { extend } from '../extend.js'

/** What stands at a path. */
export type Standing = { readonly bytes: number; readonly mtimeMs?: number }

/** What `recall` needs. */
export type RecallOptions = {
  /** The file that stands at a path. */
  stat: (path: string) => Standing | undefined | Promise<Standing | undefined>
  /** What the index knows of the asset stored there. */
  get: (path: string) => Promise<StoredAsset | undefined>
  /**
   * The mtime from which on a file that the index does not know may be what a killed run has left: nobody knows which version it is, and
   * it is taken for none. Undefined where no run was killed.
   */
  unfinishedSince?: number | undefined
}

/** Looks up what stands at an entry's destination and what is known of it. */
export const recall =
  ({ stat, get, unfinishedSince = Number.POSITIVE_INFINITY }: RecallOptions) =>
  (entry: NamedEntry): NamedEntry | Promise<NamedEntry> => {
    const lookUp = (file: Standing | undefined): NamedEntry | Promise<NamedEntry> =>
      file
        ? get(entry.path).then(known =>
            extend(entry, {
              local: known
                ? localFile(file, known, entry.urlKey)
                : { stale: (file.mtimeMs ?? 0) >= unfinishedSince, ...file },
            }),
          )
        : entry
    const file = stat(entry.path)
    return file instanceof Promise ? file.then(lookUp) : lookUp(file)
  }

/** A file that was altered since it was stored, or came from another URL, tells nothing about this one. */
const localFile = (file: Standing, known: StoredAsset, urlKey: string): LocalFile => {
  const { bytes, heldBytes = bytes, mtimeMs } = known
  const isTrue = heldBytes === file.bytes && mtimeMs === file.mtimeMs && known.urlKey === urlKey
  return isTrue ? { stale: false, known, ...file, bytes } : { stale: true, ...file }
}
