import { rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { ClassicLevel } from 'classic-level'
import type { SyncError } from '../errors.js'
import { type Bloom, bloomFilter } from './bloom.js'
import { openLevel, putAll, unusable } from './level.js'

/** Who has a path. */
export type Owner = {
  /** Index of the entry that claimed it. */
  readonly of: number
  /** Hash of the URL key of a file; absent for a directory. */
  readonly urlHash?: string
}

/** The owners of hashed paths: each is set once and found ever after. */
export type ClaimRecords = {
  /** The owner, as far as memory knows. */
  find(key: string): Owner | undefined
  /** Whether only the disk can tell who has `key`. */
  needsRead(key: string): boolean
  /** Reads `keys` at once; the answer is `find` for all that was set before, on disk or not. */
  read(keys: readonly string[]): Promise<(key: string) => Owner | undefined>
  set(key: string, owner: Owner): void
  /** Whether more may be set. What is in memory begins to move to disk when it is too much. */
  makeRoom(): boolean
  /** Resolves when what was moving has arrived. */
  moved(): Promise<void>
  /** Deletes everything. */
  close(): Promise<void>
}

export type RecordBounds = {
  /** Records in memory; as many again while they move to disk. */
  readonly recent: number
  readonly filterBytes: number
}

/** No records; `dir` is emptied of those of a killed run and written only once memory is full. */
export const openClaimRecords = (dir: string, { recent: limit, filterBytes }: RecordBounds): ClaimRecords => {
  rmSync(dir, { recursive: true, force: true })

  let recent = new Map<string, Owner>()
  let moving = new Map<string, Owner>()
  let move: Promise<void> | undefined
  let onDisk: { filter: Bloom; level: Promise<ClassicLevel> } | undefined
  let failure: SyncError | undefined

  const find = (key: string): Owner | undefined => recent.get(key) ?? moving.get(key)

  const write = async (level: Promise<ClassicLevel>): Promise<void> => {
    try {
      await putAll(await level, toRecords(moving))
      moving = new Map()
    } catch (error) {
      failure = unusable(dir, error)
    }
    move = undefined
  }

  const getMany = async (keys: string[]): Promise<(string | undefined)[]> => {
    try {
      return (await (await onDisk?.level)?.getMany(keys)) ?? []
    } catch (error) {
      throw unusable(dir, error)
    }
  }

  return {
    find,
    needsRead: key => onDisk?.filter.mayHave(key) === true && find(key) === undefined,
    async read(keys) {
      // A record that arrives on disk while the read is under way would be in neither.
      const held = moving
      // Sorted, so that every table is visited once.
      const sorted = [...new Set(keys)].sort()
      const values = await getMany(sorted)
      const found = new Map(sorted.map((key, at) => [key, values[at]]))
      return key => {
        const value = found.get(key)
        return find(key) ?? held.get(key) ?? (value === undefined ? undefined : toOwner(value))
      }
    },
    set(key, owner) {
      recent.set(key, owner)
    },
    makeRoom() {
      if (failure) throw failure
      if (recent.size < limit) return true
      if (move !== undefined) return false
      onDisk ??= { filter: bloomFilter(filterBytes), level: openLevel(dir, { compression: false }) }
      for (const key of recent.keys()) onDisk.filter.add(key)
      moving = recent
      recent = new Map()
      move = write(onDisk.level)
      return true
    },
    async moved() {
      await move
    },
    async close() {
      await move
      await onDisk?.level.then(level => level.close()).catch(() => {})
      await rm(dir, { recursive: true, force: true })
    },
  }
}

const toRecords = function* (owners: ReadonlyMap<string, Owner>): Generator<readonly [string, string]> {
  for (const [key, { of, urlHash }] of owners)
    yield [key, urlHash === undefined ? `${of}` : `${of} ${urlHash}`]
}

const toOwner = (value: string): Owner => {
  const space = value.indexOf(' ')
  return space < 0
    ? { of: Number(value) }
    : { of: Number(value.slice(0, space)), urlHash: value.slice(space + 1) }
}
