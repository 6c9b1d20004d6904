import { join } from 'node:path'
import type { ClassicLevel } from 'classic-level'
import type { StoredAsset } from '../entry.js'
import { SyncError } from '../errors.js'
import { gatheredWrites } from './gathered-writes.js'
import { putAll, unusable } from './level.js'
import { forget, isCorruption, openOrReplace } from './replaceable.js'

/** What is known of stored assets, by path. It may be lost: then size and mtime still decide what is unchanged. */
export type AssetIndex = {
  /** What is stored under `path`; look-ups of one turn of the event loop are read together. Never rejects: what cannot be read is unknown. */
  get(path: string): Promise<StoredAsset | undefined>
  /**
   * Resolves once the record has left the process, so that a kill cannot take it; what is put within some milliseconds goes
   * out together. Rejects with ERR_DESTINATION.
   */
  put(path: string, asset: StoredAsset): Promise<void>
  /** As every put that is under way; undefined where none is. */
  flushed(): Promise<void> | undefined
  /** Whether all that was put has gone out so far. */
  isWhole(): boolean
  /** Lets what was put go out and releases the lock. */
  close(): Promise<void>
}

/** What an index promises of a record. */
export type AssetIndexOptions = {
  /** A record has left only when the disk has it. */
  durable: boolean
}

/** What is put within this time goes out together. */
const gatherMs = 5

/** Opens the index of `dir`, and with it the kernel's lock on `dir`: ERR_DESTINATION if another run has it. */
export const openAssetIndex = async (dir: string, { durable }: AssetIndexOptions): Promise<AssetIndex> => {
  const location = join(dir, '.sluice', 'index')
  const level = await openOrReplace(dir, location)

  let asked: { path: string; answer: (json: string | undefined) => void }[] = []
  let isClosed = false
  let isWhole = true

  const readAsked = async (): Promise<void> => {
    const round = asked
    asked = []
    const values = await readMany(
      level,
      round.map(({ path }) => path),
    )
    round.forEach(({ answer }, at) => {
      answer(values[at])
    })
  }

  const read = (path: string): Promise<string | undefined> =>
    new Promise(answer => {
      if (asked.push({ path, answer }) === 1) setImmediate(readAsked)
    })

  const write = async (records: ReadonlyMap<string, string>): Promise<void> => {
    try {
      await putAll(level, records, { sync: durable })
    } catch (error) {
      isWhole = false
      if (!isCorruption(error)) throw unusable(dir, error)
      // A damaged table is met again by every run that merges it. This run goes on without a record, and the next one
      // starts anew.
      await forget(location)
    }
  }
  const writes = gatheredWrites({ write, gatherMs })

  return {
    async get(path) {
      return parseAsset(writes.find(path) ?? (await read(path)))
    },
    async put(path, asset) {
      if (isClosed) throw new SyncError('ERR_DESTINATION', `the index of ${dir} is closed`)
      return writes.put(path, JSON.stringify(asset))
    },
    flushed: writes.flushed,
    isWhole: () => isWhole,
    async close() {
      isClosed = true
      writes.hurry()
      await writes.flushed()?.catch(() => {})
      await level.close()
    },
  }
}

const readMany = async (level: ClassicLevel, paths: string[]): Promise<(string | undefined)[]> => {
  try {
    return await level.getMany(paths)
  } catch {
    // One table that cannot be read shall not make all of them unknown.
    return Promise.all(paths.map(path => level.get(path).catch(() => undefined)))
  }
}

const parseAsset = (json: string | undefined): StoredAsset | undefined => {
  if (json === undefined) return undefined
  try {
    const value: unknown = JSON.parse(json)
    return isStoredAsset(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isStoredAsset = (value: unknown): value is StoredAsset => {
  if (typeof value !== 'object' || value === null) return false
  const { urlKey, etag, lastModified, wireBytes, bytes, digest, integrity, heldBytes, mtimeMs } =
    value as Record<string, unknown>
  return (
    typeof urlKey === 'string' &&
    [wireBytes, bytes].every(Number.isFinite) &&
    [heldBytes, mtimeMs].every(number => number === undefined || Number.isFinite(number)) &&
    [etag, lastModified, digest, integrity].every(text => text === undefined || typeof text === 'string')
  )
}
