import { createHash, randomUUID } from 'node:crypto'
import {
  lstatSync,
  opendirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { workspaceError } from './disk-error.js'

/*
 * A partial is what was received of a large asset, with a sidecar `<file>.json` that says which asset and which version of it.
 * While it grows it lies in tmp under a random name; between runs it lies in partial, under a name made from its path and
 * URL key, so that it is found without a search. A file without its sidecar, or a sidecar without its file, is rubbish:
 * every move below passes through such a state only, so a kill in the midst loses a partial at worst, and never
 * pairs bytes with the validator of another version.
 */

/** What a partial is a part of. */
export type PartialFacts = {
  readonly path: string
  /** A hash: URLs can carry secrets. */
  readonly urlKey: string
  /** The strong ETag of the version that the bytes belong to. */
  readonly etag: string
  readonly totalBytes?: number
}

/** The two folders of the workspace that partials move between; they share a file system. */
export type PartialFolders = { readonly tmp: string; readonly partial: string }

/** Less than this is fetched again sooner than it is kept track of. */
export const leastPartialBytes = 1024 * 1024
const longestKeptMs = 7 * 86400e3

/** Says on disk what `file` is a part of, so that it outlives this process. */
export const describePartial = (file: string, facts: PartialFacts): void => {
  try {
    writeFileSync(sidecar(file), JSON.stringify({ ...facts, boot: bootId() } satisfies PartialFacts & Boot), {
      mode: 0o600,
    })
  } catch (error) {
    throw workspaceError(error)
  }
}

/** Removes `file` and what describes it, the description first. */
export const removePartial = (file: string): void => {
  forgetPartial(file)
  rmSync(file, { force: true, recursive: true })
}

/** Removes what describes `file`: its bytes belong to no version any more. */
export const forgetPartial = (file: string): void => rmSync(sidecar(file), { force: true, recursive: true })

/** Moves a described file from tmp to where the next run finds it; false where it is not worth keeping. */
export const keepPartial = (file: string, { partial }: Pick<PartialFolders, 'partial'>): boolean => {
  const facts = readPartial(file)
  if (!facts) return false
  const kept = join(partial, nameOf(facts))
  removePartial(kept)
  renameSync(file, kept)
  renameSync(sidecar(file), sidecar(kept))
  return true
}

/** Moves the partial of an asset, if one is kept, back to tmp under a new name; whoever takes it owns it. */
export const takePartial = (
  { tmp, partial }: PartialFolders,
  asset: Pick<PartialFacts, 'path' | 'urlKey'>,
): { file: string; facts: PartialFacts } | undefined => {
  const kept = join(partial, nameOf(asset))
  if (!lstatSync(kept, { throwIfNoEntry: false })) return undefined
  const facts = readPartial(kept)
  if (!facts) return undefined
  const file = join(tmp, randomUUID())
  renameSync(sidecar(kept), sidecar(file))
  renameSync(kept, file)
  return { file, facts }
}

/**
 * With the run's lock held: keeps the partials that a killed run left in tmp, empties tmp, and drops what was kept for more
 * than seven days before `now`.
 */
export const sweep = async (folders: PartialFolders, now: number): Promise<void> => {
  await each(folders.tmp, file => {
    reopen(file)
    if (!keepPartial(file, folders)) removePartial(file)
  })
  await each(folders.partial, file => {
    const { mtimeMs = 0 } = lstatSync(file, { throwIfNoEntry: false }) ?? {}
    if (now - mtimeMs > longestKeptMs || !readPartial(file)) removePartial(file)
  })
}

/** A run that was killed before the rename may have had all of a file: its last byte is asked for again, and with it whether the rest still holds. */
const reopen = (file: string): void => {
  const found = lstatSync(file, { throwIfNoEntry: false })
  if (found?.isFile() && found.size > 0 && found.size === readSidecar(file)?.totalBytes)
    truncateSync(file, found.size - 1)
}

/** Whether anything lies in `folder`; also where that cannot be told. */
export const holdsAny = (folder: string): boolean => {
  try {
    const names = opendirSync(folder, { bufferSize: 1 })
    try {
      return names.readSync() !== null
    } finally {
      names.closeSync()
    }
  } catch {
    return true
  }
}

/** Calls `visit` with every file and every file that only a sidecar is left of, holding a handful of names at a time. */
const each = async (folder: string, visit: (file: string) => void): Promise<void> => {
  try {
    for await (const { name } of await opendir(folder, { bufferSize: 256 }))
      visit(join(folder, name.replace(/(?<=.)\.json$/, '')))
  } catch (error) {
    throw workspaceError(error)
  }
}

/** What `file` is a part of; undefined unless it can be gone on from. */
const readPartial = (file: string): PartialFacts | undefined => {
  const found = lstatSync(file, { throwIfNoEntry: false })
  if (!found?.isFile() || found.size < leastPartialBytes) return undefined
  const facts = readSidecar(file)
  // Of a whole file no rest can be asked for, and a run that was not killed would have stored one that is good.
  return facts && found.size < (facts.totalBytes ?? Number.POSITIVE_INFINITY) ? facts : undefined
}

const readSidecar = (file: string): PartialFacts | undefined => {
  try {
    const { boot, ...facts } = JSON.parse(readFileSync(sidecar(file), 'utf8')) as PartialFacts & Boot
    const { path, urlKey, etag } = facts
    // After a power loss the length may be right and the last blocks empty: data is not written in order with metadata.
    const whole = boot === bootId() && [path, urlKey, etag].every(fact => typeof fact === 'string')
    return whole ? facts : undefined
  } catch {
    return undefined
  }
}

type Boot = { readonly boot: string | null }

const sidecar = (file: string): string => `${file}.json`

/** 32 hexadecimal digits that two assets do not share in practice. */
const nameOf = ({ path, urlKey }: Pick<PartialFacts, 'path' | 'urlKey'>): string =>
  createHash('sha256').update(`${path}\0${urlKey}`).digest('hex').slice(0, 32)

/** Changes with every start of the machine; null where the system has no such thing. */
const bootId = (): string | null => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return null
  }
}
