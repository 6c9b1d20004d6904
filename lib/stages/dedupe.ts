import type { NamedEntry } from '../entry.js'
import { SyncError } from '../errors.js'
import { duplicate, failed, type Outcome } from '../outcome.js'

/** Who has a destination already. */
export type Taken = { of: number; sameUrl: boolean }

/** What `dedupe` needs. */
export type DedupeOptions = {
  /** Claims a destination: undefined when it is the caller's now, decided in the order of calls. */
  claim: (path: string, index: number, urlKey: string) => Taken | undefined | Promise<Taken | undefined>
}

/** Lets the first entry for each destination through: a later one is a duplicate, or fails with ERR_PATH_TAKEN if its URL is another. */
export const dedupe =
  ({ claim }: DedupeOptions) =>
  (entry: NamedEntry): NamedEntry | Outcome | Promise<NamedEntry | Outcome> => {
    const settle = (taken: Taken | undefined): NamedEntry | Outcome => {
      if (!taken) return entry
      const { of, sameUrl } = taken
      if (sameUrl) return duplicate(entry, of)
      return failed(entry, new SyncError('ERR_PATH_TAKEN', `entry ${of} has this destination`), { of })
    }
    const taken = claim(entry.path, entry.index, entry.urlKey)
    return taken instanceof Promise ? taken.then(settle) : settle(taken)
  }
