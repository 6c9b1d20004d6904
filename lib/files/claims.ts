import { hash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { type Owner, openClaimRecords, type RecordBounds } from './claim-records.js'
import { recentKeys } from './recent-keys.js'

/*
 * Who comes first to a destination has it, and every directory on the way to it. Each path that is claimed, file or directory,
 * is one record under 128 bits of a hash of its folded name. The latest records are in a Map; when it is full they move
 * to a database in one batch, so memory stays flat, but a path that is not in the Map may be on disk. A Bloom filter
 * of all that moved answers nearly always ("certainly new") without reading, and then a claim is decided at once. Only the
 * others are looked up, many in one read; while that is under way, and while memory is full, later claims queue
 * behind it, so that whoever asked first always comes first. Records never change and are never removed: what was once found
 * to be taken stays taken, and only "free" has to be decided in turn.
 */

export type Claims = {
  /**
   * Nothing: the destination is yours. Otherwise who has it. Claims are decided in the order of the calls; the answer is a
   * promise only where the disk has to be asked.
   */
  claim(path: string, index: number, urlKey: string): Taken | undefined | Promise<Taken | undefined>
  /** Answers what was asked, then deletes what was written. */
  close(): Promise<void>
}

/** The entry at `of` came first; with the same URL the later one is its duplicate. */
export type Taken = { readonly of: number; readonly sameUrl: boolean }

export type ClaimsOptions = {
  /** Two paths with the same fold are the same destination. */
  fold: (path: string) => string
  bounds?: ClaimsBounds
}

/** What may be in memory. */
export type ClaimsBounds = RecordBounds & {
  /** Directories that need not be looked up again. */
  readonly directories: number
}

// A filter that grew with the catalog would not be flat. 16 MiB send one in 300 of 10 million new paths to the disk
// needlessly; at 100 million most are sent there, which is slower and just as exact.
const defaultBounds: ClaimsBounds = { recent: 16_384, filterBytes: 16 * 1024 * 1024, directories: 65_536 }

type Wish = {
  readonly key: string
  /** Those not yet known to be directories. */
  readonly parents: readonly string[]
  readonly owner: Owner
}

type Waiting = {
  readonly wish: Wish
  readonly resolve: (taken: Taken | undefined) => void
  readonly reject: (error: unknown) => void
}

/** Claims of one run, none yet; `dir` is its own to fill and to delete. */
export const openClaims = (dir: string, { fold, bounds = defaultBounds }: ClaimsOptions): Claims => {
  const records = openClaimRecords(dir, bounds)
  const directories = recentKeys(bounds.directories)
  let queue: Waiting[] = []
  let draining: Promise<void> | undefined

  const toWish = (path: string, index: number, urlKey: string): Wish => {
    const folded = fold(path)
    const parents: string[] = []
    for (let end = folded.lastIndexOf('/'); end > 0; end = folded.lastIndexOf('/', end - 1)) {
      const parent = shortHash(folded.slice(0, end))
      if (directories.has(parent)) break
      parents.push(parent)
    }
    return {
      key: shortHash(folded),
      parents,
      owner: { of: index, urlHash: urlKey.length <= 32 ? urlKey : shortHash(urlKey) },
    }
  }

  const decide = ({ key, parents, owner }: Wish, find: (key: string) => Owner | undefined) => {
    const holder = find(key)
    if (holder) return { of: holder.of, sameUrl: holder.urlHash === owner.urlHash }
    const holders = parents.map(find)
    const file = holders.find(parent => parent?.urlHash !== undefined)
    if (file) return { of: file.of, sameUrl: false }
    records.set(key, owner)
    parents.forEach((parent, at) => {
      if (!holders[at]) records.set(parent, { of: owner.of })
      directories.add(parent)
    })
    return undefined
  }

  const settle = async (round: readonly Waiting[]): Promise<void> => {
    try {
      while (!records.makeRoom()) await records.moved()
      const keys = round.flatMap(({ wish }) => [wish.key, ...wish.parents])
      const find = await records.read(keys.filter(records.needsRead))
      for (const { wish, resolve } of round) resolve(decide(wish, find))
    } catch (error) {
      for (const { reject } of round) reject(error)
    }
  }

  const drain = async (): Promise<void> => {
    // Claims made in the same turn of the event loop are read together.
    await setImmediate()
    while (queue.length > 0) {
      const round = queue
      queue = []
      await settle(round)
    }
    draining = undefined
  }

  return {
    claim(path, index, urlKey) {
      const wish = toWish(path, index, urlKey)
      if (
        !draining &&
        records.makeRoom() &&
        !records.needsRead(wish.key) &&
        !wish.parents.some(records.needsRead)
      )
        return decide(wish, records.find)
      return new Promise((resolve, reject) => {
        queue.push({ wish, resolve, reject })
        draining ??= drain()
      })
    },
    async close() {
      await draining
      await records.close()
    },
  }
}

/** 128 bits, as characters of one byte each. */
const shortHash = (text: string): string => hash('sha256', text, 'binary').slice(0, 16)
