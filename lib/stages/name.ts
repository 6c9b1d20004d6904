import type { Entry, NamedEntry } from '../entry.js'
import { extend } from '../extend.js'

/** What `name` needs. */
export type NameOptions = {
  /** Names an entry that has no path of its own. */
  template: (entry: Entry) => string
  /** The path as it may be used below the root; throws ERR_PATH_INVALID or ERR_PATH_ESCAPE. */
  safePath: (path: string) => string
  /** What identifies the asset's URL. */
  urlKey: (url: URL) => string
}

/** Decides where an entry's asset goes; throws for a path that is not safely below the root. */
export const name =
  ({ template, safePath, urlKey }: NameOptions) =>
  (entry: Entry): NamedEntry =>
    extend(entry, { path: safePath(entry.path ?? template(entry)), urlKey: urlKey(entry.assetUrl) })
