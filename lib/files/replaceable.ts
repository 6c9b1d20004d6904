import { access, mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClassicLevel } from 'classic-level'
import { inUse, lockLevel, openLevel, unusable } from './level.js'

/**
 * Opens the LevelDB at `location`, which holds what may be lost, of the directory `dir`: one that is damaged begins anew. Throws ERR_DESTINATION
 * where another run has it, or the disk refuses.
 */
export const openOrReplace = async (dir: string, location: string): Promise<ClassicLevel> => {
  const open = () => openLevel(location, { compression: true })
  try {
    return await open()
  } catch (error) {
    if (!(await isDamaged(error, location))) throw inUse(dir, error) ?? unusable(dir, error)
  }
  try {
    await replace(dir, location)
    return await open()
  } catch (error) {
    throw inUse(dir, error) ?? unusable(dir, error)
  }
}

/** Begins anew, unless another run that came at the same moment has done so. */
const replace = async (dir: string, location: string): Promise<void> => {
  const damaged = await currentOf(location)
  const guard = await mkdtemp(join(dir, '.sluice', 'guard-'))
  try {
    const unlock = await lockLevel(location, guard)
    try {
      if ((await currentOf(location)) === damaged) await forget(location)
    } finally {
      await unlock()
    }
  } finally {
    await rm(guard, { recursive: true, force: true })
  }
}

/** The name of the manifest in use, by which one beginning differs from another. */
const currentOf = (location: string): Promise<string | undefined> =>
  readFile(join(location, 'CURRENT'), 'latin1').catch(() => undefined)

/**
 * Without CURRENT the next open begins a new database, keeps what is in the log and deletes the old tables. LevelDB's own repair
 * is no choice: it takes no lock, so a run that came at the same moment would have its tables moved away.
 */
export const forget = (location: string): Promise<void> => rm(join(location, 'CURRENT'), { force: true })

/** Whether the database cannot be read any more, rather than the disk for now. */
const isDamaged = async (error: unknown, location: string): Promise<boolean> => {
  if (isCorruption(error)) return true
  // LevelDB reports a manifest that is missing as an I/O error like any other.
  try {
    const manifest = await readFile(join(location, 'CURRENT'), 'latin1')
    await access(join(location, manifest.trim()))
    return false
  } catch (reason) {
    return codeOf(reason) === 'ENOENT'
  }
}

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException).code

/** Whether LevelDB has met a table or a log that is damaged. */
export const isCorruption = (error: unknown): boolean => codeOf(error) === 'LEVEL_CORRUPTION'
